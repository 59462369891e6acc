import type { FileHandle } from 'node:fs/promises'
import type { StreamName } from '../contract.ts'
import { createRecordParser } from './record.ts'

/** Bytes read at once, from the end towards the beginning. */
const BLOCK = 64 * 1024
/** How far back the beginning of a counted line is looked for, when records of the other stream stand between. */
const LOOK_BACK = 8 * 1024 * 1024
const NEWLINE = 0x0a

export type StreamOffsets = Readonly<Record<StreamName, number>>

export interface Tail {
  readonly from: StreamOffsets
  /** How many lines there are behind: fewer than asked for when the log is shorter. */
  readonly lines: number
}

/**
 * Where the last `count` lines of a log begin, for each stream: a line may be in parts, between which parts of the other
 * stream stand. A last line that has not ended counts. Reads only as much of the end as it must.
 */
export async function findTail(file: FileHandle, { size, count }: { size: number; count: number }): Promise<Tail> {
  const parse = createRecordParser()
  const found: Partial<Record<StreamName, number>> = {}
  let end: number | undefined
  // Streams whose earliest record seen so far may not be the beginning of its line.
  const open = new Set<StreamName>()
  let lines = 0
  let full: number | undefined
  for await (const { offset, bytes } of readBackwards(file, size)) {
    end ??= offset + bytes.length
    const record = parse(bytes, { start: 0, end: bytes.length - 1 })
    if (!record) continue
    const { stream, partial } = record
    if (!partial) open.delete(stream)
    if (full === undefined && !open.has(stream)) {
      if (lines === count) full = offset
      else {
        lines += 1
        open.add(stream)
      }
    }
    if (open.has(stream)) found[stream] = offset
    if (full !== undefined && (open.size === 0 || full - offset > LOOK_BACK)) break
  }
  const missing = lines < count ? 0 : (end ?? size)
  return { from: { stdout: found.stdout ?? missing, stderr: found.stderr ?? missing }, lines }
}

/** Lines with their newline and their offset, the last first. What stands behind the last newline is left out. */
async function* readBackwards(file: FileHandle, size: number): AsyncGenerator<{ offset: number; bytes: Buffer }> {
  let position = size
  let rest: Buffer = Buffer.alloc(0)
  let seenEnd = false
  while (position > 0) {
    const length = Math.min(BLOCK, position)
    position -= length
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
    if (bytesRead < length) return
    const bytes = rest.length === 0 ? buffer : Buffer.concat([buffer, rest])
    let end = bytes.length
    if (!seenEnd) {
      end = bytes.lastIndexOf(NEWLINE) + 1
      if (end === 0) continue
      seenEnd = true
    }
    while (end > 0) {
      const start = end < 2 ? 0 : bytes.lastIndexOf(NEWLINE, end - 2) + 1
      if (start === 0 && position > 0) break
      yield { offset: position + start, bytes: bytes.subarray(start, end) }
      end = start
    }
    rest = bytes.subarray(0, end)
  }
}
