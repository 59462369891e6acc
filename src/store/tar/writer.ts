import { Readable } from 'node:stream'
import type { TarEntry } from '../contract.ts'
import { encodeEntry, paddingOf, TRAILER } from './encoder.ts'
import { quote } from './name.ts'

/** A member to be written. A regular file's body must have exactly `entry.size` bytes; others have none. */
export interface TarSource {
  readonly entry: TarEntry
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined
}

/**
 * An archive of the members in their order, made while it is read: bodies are never held. A failing member, or a body of
 * another length than announced, destroys the stream with that error. Destroying the stream closes the members' iterator.
 */
export function writeTar(members: Iterable<TarSource> | AsyncIterable<TarSource>): Readable {
  return Readable.from(archive(members), { objectMode: false, highWaterMark: 1 << 18 })
}

async function* archive(members: Iterable<TarSource> | AsyncIterable<TarSource>): AsyncGenerator<Uint8Array, void> {
  for await (const { entry, body } of members) {
    yield encodeEntry(entry)
    if (entry.type !== 'file') continue
    let written = 0
    for await (const bytes of pieces(body)) {
      written += bytes.length
      if (written > entry.size) break
      if (bytes.length > 0) yield bytes
    }
    if (written !== entry.size) {
      throw new Error(`tar member ${quote(entry.name)}: ${entry.size} bytes announced, the body has other`)
    }
    const padding = paddingOf(entry.size)
    if (padding > 0) yield TRAILER.subarray(0, padding)
  }
  yield TRAILER
}

function pieces(body: TarSource['body']): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (body === undefined) return []
  return body instanceof Uint8Array ? [body] : body
}
