import { failure } from '../../base/index.ts'
import { BLOCK, decodeSize } from './header.ts'
import { decodePaxInteger, type PaxRecords } from './pax.ts'

/** A stretch of data in a file that is otherwise holes. */
export interface Segment {
  readonly offset: number
  readonly length: number
}

/** Entries of one map that are read at most: what a file of many small pieces needs, not what a bomb would. */
const SEGMENT_LIMIT = 1 << 17

/** Reads the pairs of (offset, length) of GNU's old format that fill one header or extension block. */
export function decodeOldSegments(block: Buffer, { at, count }: { at: number; count: number }): Segment[] {
  const segments: Segment[] = []
  for (let index = 0; index < count; index += 1) {
    const from = at + index * 24
    if (block[from] === 0) break
    segments.push({
      offset: decodeSize(block, { at: from, size: 12 }),
      length: decodeSize(block, { at: from + 12, size: 12 }),
    })
  }
  return segments
}

/** The map of GNU's pax formats 0.0 (one record a number) and 0.1 (one list); undefined when there is none. */
export function paxSegments(records: PaxRecords): Segment[] | undefined {
  const numbers: number[] = []
  let isSparse = false
  for (const [key, value] of records) {
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      isSparse = true
      if ((key === 'GNU.sparse.offset') !== (numbers.length % 2 === 0)) throw broken()
      numbers.push(decodePaxInteger(value))
    } else if (key === 'GNU.sparse.map') {
      isSparse = true
      const list = value.length === 0 ? [] : value.toString('latin1').split(',')
      numbers.push(...list.map((text) => decodePaxInteger(Buffer.from(text))))
    } else if (key === 'GNU.sparse.numblocks') isSparse = true
  }
  return isSparse ? pairUp(numbers) : undefined
}

/** Collects the map that stands before the data in GNU's pax format 1.0: decimal lines, padded to a block. */
export function createMapReader(): { add(block: Buffer): Segment[] | undefined } {
  let text = ''
  const numbers: number[] = []
  return {
    /** Gives the map once it is complete. */
    add(block) {
      text += block.toString('latin1', 0, BLOCK)
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        numbers.push(decodePaxInteger(Buffer.from(text.slice(0, end))))
        text = text.slice(end + 1)
        const count = numbers[0] ?? 0
        if (count < 0 || count > SEGMENT_LIMIT) throw broken()
        if (numbers.length === 1 + 2 * count) return pairUp(numbers.slice(1))
      }
      if (text.length > BLOCK) throw broken()
      return undefined
    },
  }
}

/** Checks a map: in order, apart, inside `size`, and holding exactly the `packed` bytes that follow. `invalid` if not. */
export function checkSegments(segments: readonly Segment[], { size, packed }: { size: number; packed: number }): void {
  let end = 0
  let sum = 0
  if (segments.length > SEGMENT_LIMIT) throw broken()
  for (const { offset, length } of segments) {
    if (offset < end || length < 0 || offset + length > size) throw broken()
    end = offset + length
    sum += length
  }
  if (sum !== packed) throw broken()
}

function pairUp(numbers: readonly number[]): Segment[] {
  if (numbers.length % 2 !== 0 || numbers.length > 2 * SEGMENT_LIMIT) throw broken()
  const segments: Segment[] = []
  for (let at = 0; at < numbers.length; at += 2) {
    segments.push({ offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 })
  }
  return segments
}

function broken(): Error {
  return failure('invalid', 'invalid tar header: broken map of a sparse file')
}
