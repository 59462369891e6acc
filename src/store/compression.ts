import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { type AbortOptions, failure } from '../base/index.ts'
import { splitZstdFrames } from './zstd-frames.ts'

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'

/** Gunzip is 2.5 times slower with Node's 16 KiB. */
const CHUNK = 1 << 18

const MAGIC: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
]
const LONGEST_MAGIC = 6

/** How data that starts so is compressed, as Docker tells it. Six bytes are enough. */
export function detectCompression(start: Uint8Array): Compression {
  for (const [compression, magic] of MAGIC) {
    if (start.length >= magic.length && magic.equals(start.subarray(0, magic.length))) return compression
  }
  const isSkippableFrame =
    start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18 && ((start[0] ?? 0) & 0xf0) === 0x50
  return isSkippableFrame ? 'zstd' : 'none'
}

export interface Inflated {
  readonly compression: Compression
  readonly stream: Readable
}

/** Decompresses with a program of the host, for formats that Node does not know. */
export type ExternalFilter = (
  program: 'bzip2' | 'xz',
  options: { readonly source: AsyncIterable<Uint8Array> } & AbortOptions,
) => Promise<Readable>

/**
 * Undoes whatever compression the source has; plain data passes. The stream must be read or destroyed, which closes the
 * source. It fails with `corrupt` when the data is damaged or cut off. Without `external`, bzip2 and xz are `unsupported`.
 */
export async function inflate(
  source: AsyncIterable<Uint8Array>,
  { signal, external }: { readonly external?: ExternalFilter } & AbortOptions = {},
): Promise<Inflated> {
  const { start, rest } = await peek(source)
  const compression = detectCompression(start)
  switch (compression) {
    case 'none':
      return { compression, stream: Readable.from(rest, { objectMode: false, ...(signal && { signal }) }) }
    case 'gzip':
      return { compression, stream: through(rest, { decompressor: createGunzip({ chunkSize: CHUNK }), signal }) }
    case 'zstd': {
      const frames = closing(splitZstdFrames(rest), () => rest.return())
      return {
        compression,
        stream: through(frames, { decompressor: createZstdDecompress({ chunkSize: CHUNK }), signal }),
      }
    }
    default: {
      if (external) return { compression, stream: await external(compression, { source: rest, signal }) }
      await rest.return()
      throw failure('unsupported', `data compressed with ${compression} is not supported here`)
    }
  }
}

export interface ClosableIterable extends AsyncIterable<Uint8Array> {
  /** Ends the reading and closes the source, begun or not. */
  return(): Promise<IteratorResult<Uint8Array>>
}

function through(
  source: ClosableIterable,
  { decompressor, signal }: { decompressor: ReturnType<typeof createGunzip>; signal: AbortSignal | undefined },
): Readable {
  async function* read(): AsyncGenerator<Uint8Array, void> {
    const ended = pipeline(source, decompressor, { signal }).then(
      () => undefined,
      (error: unknown) => error,
    )
    try {
      yield* decompressor
    } catch (error) {
      throw damaged((await ended) ?? error)
    } finally {
      decompressor.destroy()
      await ended
    }
  }
  const output = closing(read(), () => source.return())
  return Readable.from(output, { objectMode: false, highWaterMark: CHUNK })
}

/** A generator that is left before its first step runs nothing of itself: `close` runs in any case. */
export function closing(steps: AsyncGenerator<Uint8Array, void>, close: () => Promise<unknown>): ClosableIterable {
  const iterator = {
    next: () => steps.next(),
    async return() {
      await steps.return()
      await close()
      return { done: true as const, value: undefined }
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

/** The errors of zlib say that the data is bad; every other one comes from the source and stays as it is. */
function damaged(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!code.startsWith('Z_') && !code.startsWith('ZSTD_')) return error
  return failure('corrupt', `compressed data is damaged: ${(error as Error).message}`, { cause: error })
}

/** Reads until the compression can be told; gives what was read and everything from the start again. */
async function peek(source: AsyncIterable<Uint8Array>): Promise<{ start: Buffer; rest: ClosableIterable }> {
  const chunks = source[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  let isOver = false
  while (start.length < LONGEST_MAGIC && !isOver) {
    const { done, value } = await chunks.next()
    isOver = done === true
    if (!done) start = Buffer.concat([start, value])
  }

  async function* read(): AsyncGenerator<Uint8Array, void> {
    if (start.length > 0) yield start
    while (!isOver) {
      const { done, value } = await chunks.next()
      isOver = done === true
      if (!done) yield value
    }
  }

  async function close(): Promise<void> {
    if (!isOver) await chunks.return?.()
    isOver = true
  }
  return { start, rest: closing(read(), close) }
}
