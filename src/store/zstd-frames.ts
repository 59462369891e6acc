import { failure } from '../base/index.ts'

const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50

/** What the bytes at hand are a part of; `size` of them at a time are needed to go on. */
type Part = 'magic' | 'frame header' | 'block header' | 'skip size'

/**
 * Cuts a zstd stream so that no piece spans two frames, and leaves out the skippable ones: Node's decompressor ends at
 * the first frame of a piece and drops the rest without a word, and layers made by several programs (zstd:chunked,
 * pzstd) have many. `corrupt` for what is not a sequence of frames or ends inside one.
 */
export async function* splitZstdFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  const reader = createFrameReader()
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const parts: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const piece = reader.take(bytes.subarray(at))
      at += piece.length
      if (piece.part) parts.push(piece.part)
      if (parts.length > 0 && (reader.isBetweenFrames() || at === bytes.length)) yield Buffer.concat(parts.splice(0))
    }
  }
  if (!reader.isBetweenFrames()) throw failure('corrupt', 'zstd: unexpected end of the stream')
}

interface Piece {
  /** Bytes consumed. */
  readonly length: number
  /** What goes to the decompressor. */
  readonly part?: Buffer
}

function createFrameReader() {
  const pending = Buffer.alloc(18)
  let filled = 0
  let part: Part = 'magic'
  let wanted = 4
  /** Bytes to pass on, or to skip, before the next header. */
  let body = 0
  let skipping = false
  let afterBody: { readonly part: Part; readonly wanted: number } = { part: 'magic', wanted: 4 }
  let hasChecksum = false

  /** Consumes bytes up to the end of the present body or header; at least one. */
  function take(bytes: Buffer): Piece {
    if (body > 0) {
      const piece = bytes.subarray(0, body)
      body -= piece.length
      const { length } = piece
      const result = skipping ? { length } : { length, part: piece }
      if (body === 0) expect(afterBody)
      return result
    }
    const count = bytes.copy(pending, filled, 0, Math.min(wanted - filled, bytes.length))
    filled += count
    if (filled < wanted) return { length: count }
    const header = Buffer.from(pending.subarray(0, filled))
    return readHeader(header) ? { length: count, part: header } : { length: count }
  }

  /** Says whether the header is complete and belongs to a frame that is passed on. */
  function readHeader(header: Buffer): boolean {
    switch (part) {
      case 'magic':
        readMagic(header.readUInt32LE(0))
        return false
      case 'skip size':
        beginBody(header.readUInt32LE(4), { skip: true, after: { part: 'magic', wanted: 4 } })
        return false
      case 'frame header':
        return readFrameHeader(header)
      case 'block header':
        readBlockHeader(header.readUIntLE(0, 3))
        return true
    }
  }

  function readMagic(magic: number): void {
    // The magic number stays in `pending`: it is passed on with the header behind it.
    if (magic === FRAME) more('frame header', 5)
    else if ((magic & 0xfffffff0) === SKIPPABLE) more('skip size', 8)
    else throw failure('corrupt', 'zstd: not a frame')
  }

  function readFrameHeader(header: Buffer): boolean {
    const descriptor = header[4] ?? 0
    const isSingle = (descriptor & 0x20) !== 0
    const sizeField = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
    const dictionaryField = [0, 1, 2, 4][descriptor & 3] ?? 0
    const length = 5 + (isSingle ? 0 : 1) + dictionaryField + sizeField
    hasChecksum = (descriptor & 4) !== 0
    if (header.length < length) {
      more('frame header', length)
      return false
    }
    expect({ part: 'block header', wanted: 3 })
    return true
  }

  function readBlockHeader(header: number): void {
    const isLast = (header & 1) !== 0
    const type = (header >> 1) & 3
    if (type === 3) throw failure('corrupt', 'zstd: reserved block type')
    const content = type === 1 ? 1 : header >> 3
    const checksum = isLast && hasChecksum ? 4 : 0
    const after = isLast ? ({ part: 'magic', wanted: 4 } as const) : ({ part: 'block header', wanted: 3 } as const)
    beginBody(content + checksum, { skip: false, after })
  }

  function beginBody(size: number, next: { skip: boolean; after: { part: Part; wanted: number } }): void {
    body = size
    skipping = next.skip
    afterBody = next.after
    if (size === 0) expect(next.after)
  }

  function more(next: Part, size: number): void {
    part = next
    wanted = size
  }

  function expect(next: { readonly part: Part; readonly wanted: number }): void {
    part = next.part
    wanted = next.wanted
    filled = 0
  }

  return { take, isBetweenFrames: () => part === 'magic' && filled === 0 && body === 0 }
}
