import type { AbortOptions } from '../../base/index.ts'
import { abortable } from '../abortable.ts'
import type { TarEntry } from '../contract.ts'
import { TarParser } from './parser.ts'

/** One member of an archive. The body is read once, before the next member is asked for; what is left is skipped. */
export interface TarMember {
  readonly entry: TarEntry
  /**
   * Contents of a regular file, `entry.size` bytes with zeros for holes; nothing for the rest. A few bytes of archive can
   * claim any size: whoever collects a body bounds it first.
   */
  readonly body: AsyncIterable<Buffer>
}

type Event =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  | { readonly kind: 'data'; readonly bytes: Buffer; readonly offset: number }
  | { readonly kind: 'end' }

const ZEROS = Buffer.alloc(1 << 16)

/**
 * Reads an uncompressed archive member by member, holding no more than one piece of the source. Fails with `invalid` for
 * what is not an archive or is cut off. Reads the source to its end, or closes it when the consumer leaves early.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  { signal }: AbortOptions = {},
): AsyncGenerator<TarMember, void, void> {
  const events = createEvents(source, signal)
  try {
    for (;;) {
      const event = await events.next()
      if (event === undefined) return
      if (event.kind !== 'entry') continue
      const { entry } = event
      const state = { done: false }
      yield { entry, body: readBody(entry, { events, state }) }
      while (!state.done) state.done = isLast(await events.next())
    }
  } finally {
    await events.close()
  }
}

async function* readBody(
  entry: TarEntry,
  { events, state }: { events: ReturnType<typeof createEvents>; state: { done: boolean } },
): AsyncGenerator<Buffer, void, void> {
  let offset = 0
  while (!state.done) {
    const event = await events.next()
    state.done = isLast(event)
    const next = event?.kind === 'data' ? event.offset : entry.size
    while (offset < next) {
      const hole = ZEROS.subarray(0, Math.min(ZEROS.length, next - offset))
      offset += hole.length
      yield hole
    }
    if (event?.kind === 'data') {
      offset += event.bytes.length
      yield event.bytes
    }
  }
}

function isLast(event: Event | undefined): boolean {
  return event === undefined || event.kind === 'end'
}

function createEvents(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
  const chunks = abortable(source, signal)
  let events: Event[] = []
  let at = 0
  let isOver = false
  const parser = new TarParser({
    entry: (entry) => events.push({ kind: 'entry', entry }),
    data: (bytes, offset) => events.push({ kind: 'data', bytes, offset }),
    end: () => events.push({ kind: 'end' }),
  })

  async function next(): Promise<Event | undefined> {
    while (at === events.length && !isOver) {
      events = []
      at = 0
      const { done, value } = await chunks.next()
      isOver = done === true
      if (done) parser.finish()
      else parser.write(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    }
    return events[at++]
  }

  async function close(): Promise<void> {
    if (!isOver) await chunks.return()
    isOver = true
  }
  return { next, close }
}
