import { failure } from '../../base/index.ts'
import type { TarEntry } from '../contract.ts'
import { composeEntry, type Extensions, packedSize } from './entry.ts'
import { BLOCK, decodeHeader, decodeSize, isZeroBlock, type RawHeader } from './header.ts'
import { decodePax } from './pax.ts'
import { checkSegments, createMapReader, decodeOldSegments, paxSegments, type Segment } from './sparse.ts'

/** Called in order while an archive is written into a parser: `entry`, for files any number of `data`, then `end`. */
export interface TarHandler {
  entry(entry: TarEntry): void
  /** Bytes at their place in the file; what no call covers is a hole. Valid during the call only. */
  data(bytes: Buffer, offset: number): void
  end(): void
}

/** Bytes of one extended header or long name. Holds any path and every xattr that Linux can store. */
const META_LIMIT = 1 << 20

/** Where the stretch of bytes that follows belongs. Always counted in `#left`. */
type Sink = 'meta' | 'map' | 'file' | 'skip'

/**
 * Reads an archive pushed in pieces of any size, synchronously and with bounded memory. Everything wrong with it is
 * thrown as `invalid` by `write` or `finish`; the parser is of no use afterwards. Bytes after the end are ignored.
 */
export class TarParser {
  readonly #handler: TarHandler
  readonly #block = Buffer.alloc(BLOCK)
  #filled = 0
  #sink: Sink = 'skip'
  #left = 0
  #padding = 0
  #ended = false
  #zeroBlocks = 0
  #meta: { readonly typeflag: string; readonly parts: Buffer[] } | undefined
  #extensions: Extensions = {}
  #header: RawHeader | undefined
  #oldSegments: Segment[] | undefined
  #oldSize = 0
  #mapReader: ReturnType<typeof createMapReader> | undefined
  #segments: readonly Segment[] | undefined
  #segment = 0
  /** Bytes of the file's data, or of its present segment, that have been handed on. */
  #done = 0

  constructor(handler: TarHandler) {
    this.#handler = handler
  }

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#ended; ) {
      if (this.#left > 0 && this.#sink !== 'map') at += this.#take(chunk.subarray(at, at + this.#left))
      else if (this.#left === 0 && this.#padding > 0) {
        const count = Math.min(this.#padding, chunk.length - at)
        this.#padding -= count
        at += count
      } else {
        const count = Math.min(BLOCK - this.#filled, chunk.length - at)
        chunk.copy(this.#block, this.#filled, at, at + count)
        this.#filled += count
        at += count
        if (this.#filled === BLOCK) this.#readBlock()
      }
    }
  }

  /** The source is at its end. `invalid` when the archive is not: it was cut off. */
  finish(): void {
    const isWhole = this.#filled === 0 && this.#left === 0 && this.#padding === 0 && this.#oldSegments === undefined
    if (!this.#ended && (!isWhole || this.#hasExtensions()))
      throw failure('invalid', 'unexpected end of the tar archive')
  }

  #take(bytes: Buffer): number {
    this.#left -= bytes.length
    if (this.#sink === 'meta') this.#meta?.parts.push(Buffer.from(bytes))
    else if (this.#sink === 'file') this.#emit(bytes)
    if (this.#left === 0) this.#endStretch()
    return bytes.length
  }

  #readBlock(): void {
    this.#filled = 0
    if (this.#mapReader) this.#readMap(this.#mapReader)
    else if (this.#oldSegments) this.#readOldExtension(this.#oldSegments)
    else if (isZeroBlock(this.#block)) {
      this.#zeroBlocks += 1
      this.#ended = this.#zeroBlocks === 2
    } else if (this.#zeroBlocks > 0) throw failure('invalid', 'invalid tar header: data after a zero block')
    else this.#readHeader(decodeHeader(this.#block))
  }

  #readHeader(raw: RawHeader): void {
    const { typeflag } = raw
    if (typeflag === 'x' || typeflag === 'L' || typeflag === 'K') {
      if (raw.size > META_LIMIT) throw failure('invalid', 'invalid tar header: extended header too large')
      this.#meta = { typeflag, parts: [] }
      this.#begin('meta', raw.size)
    } else if (typeflag === 'g' || typeflag === 'V') {
      // Global headers carry comments in practice, and Docker ignores them: applying them would make other layers.
      this.#begin('skip', raw.size)
    } else if (typeflag === 'S') {
      this.#header = raw
      this.#oldSegments = decodeOldSegments(this.#block, { at: 386, count: 4 })
      this.#oldSize = decodeSize(this.#block, { at: 483, size: 12 })
      if (this.#block[482] === 0) this.#endOldSegments(this.#oldSegments)
    } else this.#beginMember(raw)
  }

  #beginMember(raw: RawHeader): void {
    const records = this.#extensions.pax
    const packed = packedSize(raw, this.#extensions)
    if (records && raw.typeflag !== '5' && isMapInData(records)) {
      this.#header = raw
      this.#mapReader = createMapReader()
      this.#begin('map', packed)
      return
    }
    this.#announce(raw, { packed, segments: records && paxSegments(records) })
  }

  #readOldExtension(segments: Segment[]): void {
    for (const segment of decodeOldSegments(this.#block, { at: 0, count: 21 })) segments.push(segment)
    if (segments.length * 24 > META_LIMIT) throw failure('invalid', 'invalid tar header: sparse map too large')
    if (this.#block[504] === 0) this.#endOldSegments(segments)
  }

  #endOldSegments(segments: readonly Segment[]): void {
    const raw = this.#header
    this.#oldSegments = undefined
    this.#header = undefined
    if (raw) this.#announce(raw, { packed: packedSize(raw, this.#extensions), segments, size: this.#oldSize })
  }

  #readMap(reader: ReturnType<typeof createMapReader>): void {
    const raw = this.#header
    this.#left -= BLOCK
    if (this.#left < 0) throw failure('invalid', 'invalid tar header: broken map of a sparse file')
    const segments = reader.add(this.#block)
    if (!segments || !raw) return
    const packed = this.#left
    this.#mapReader = undefined
    this.#header = undefined
    this.#announce(raw, { packed, segments })
  }

  #announce(raw: RawHeader, body: { packed: number; segments?: readonly Segment[] | undefined; size?: number }): void {
    const composed = composeEntry(raw, this.#extensions)
    const entry = body.size === undefined ? composed : { ...composed, size: body.size }
    if (body.segments) checkSegments(body.segments, { size: entry.size, packed: body.packed })
    else if (entry.type === 'file' && entry.size !== body.packed) {
      throw failure('invalid', 'invalid tar header: sizes that contradict each other')
    }
    this.#extensions = {}
    this.#segments = body.segments
    this.#segment = 0
    this.#done = 0
    this.#handler.entry(entry)
    this.#begin(entry.type === 'file' ? 'file' : 'skip', body.packed)
    if (entry.type !== 'file' || body.packed === 0) this.#handler.end()
  }

  /** Sends what follows to `sink`: that many bytes, then what is missing to a whole block. */
  #begin(sink: Sink, size: number): void {
    this.#sink = sink
    this.#left = size
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK
    if (size === 0 && sink === 'meta') this.#endStretch()
  }

  #endStretch(): void {
    if (this.#sink === 'file') this.#handler.end()
    else if (this.#sink === 'meta' && this.#meta) {
      const bytes = Buffer.concat(this.#meta.parts)
      const { typeflag } = this.#meta
      this.#meta = undefined
      const nul = bytes.indexOf(0)
      const text = nul < 0 ? bytes : bytes.subarray(0, nul)
      if (typeflag === 'x') this.#extensions = { ...this.#extensions, pax: decodePax(bytes) }
      else if (typeflag === 'L') this.#extensions = { ...this.#extensions, name: text }
      else this.#extensions = { ...this.#extensions, linkName: text }
    }
  }

  #emit(bytes: Buffer): void {
    if (!this.#segments) {
      this.#handler.data(bytes, this.#done)
      this.#done += bytes.length
      return
    }
    for (let at = 0; at < bytes.length; ) {
      const segment = this.#segments[this.#segment]
      if (!segment) return
      const piece = bytes.subarray(at, at + segment.length - this.#done)
      if (piece.length > 0) this.#handler.data(piece, segment.offset + this.#done)
      at += piece.length
      this.#done += piece.length
      if (this.#done === segment.length) {
        this.#segment += 1
        this.#done = 0
      }
    }
  }

  #hasExtensions(): boolean {
    return Object.keys(this.#extensions).length > 0
  }
}

/** GNU's pax format 1.0, where the map stands before the data. */
function isMapInData(records: readonly (readonly [string, Buffer])[]): boolean {
  return records.some(([key, value]) => key === 'GNU.sparse.major' && value.toString() === '1')
}
