import { type AbortOptions, failure, throwIfAborted } from '../../base/index.ts'
import { networkFailure } from './network-error.ts'
import type { refusal } from './registry-error.ts'
import type { Session } from './session.ts'
import { discardBody, type Incoming } from './transport.ts'

/** Connections in a row that may break without bringing anything worth the while. */
const ATTEMPTS = 6
const WORTHWHILE = 1 << 16

/**
 * The bytes of a blob. A connection that breaks, or ends early, is followed by another that asks for the rest; a server
 * that always starts at the beginning is listened to from where it was left. Ends after `size` bytes, and one more when
 * the server sends more, so that whoever checks sees it.
 */
export async function* download(
  session: Session,
  { target, size, refuse, signal }: { target: string; size: number; refuse: typeof refusal } & AbortOptions,
): AsyncGenerator<Uint8Array, void, void> {
  let received = 0
  let mark = 0
  for (let attempt = 1; ; attempt += 1) {
    const response = await request(session, { target, received, refuse, signal })
    let skip = response.status === 206 ? 0 : received
    let cause: unknown
    try {
      const chunks = response.body[Symbol.asyncIterator]()
      for (;;) {
        const next = await chunks.next().catch((error: unknown) => {
          cause = error
          return { done: true as const, value: undefined }
        })
        if (next.done) break
        const bytes = (next.value as Buffer).subarray(Math.min(skip, next.value.length))
        skip -= next.value.length - bytes.length
        received += bytes.length
        if (bytes.length > 0) yield bytes
        if (received > size) return
      }
    } finally {
      if (!response.body.readableEnded) response.body.destroy()
    }
    throwIfAborted(signal)
    if (received >= size) return
    if (received - mark >= WORTHWHILE) attempt = 1
    mark = received
    if (attempt >= ATTEMPTS) {
      throw networkFailure(cause ?? new Error('unexpected EOF'), { method: 'GET', url: response.url })
    }
    await session.pause(attempt, { signal })
  }
}

async function request(
  session: Session,
  { target, received, refuse, signal }: { target: string; received: number; refuse: typeof refusal } & AbortOptions,
): Promise<Incoming> {
  const headers = { 'accept-encoding': 'identity', ...(received > 0 && { range: `bytes=${received}-` }) }
  const response = await session.send({ method: 'GET', target, headers, signal })
  if (response.status !== 200 && response.status !== 206) throw await refuse(response, { method: 'GET' })
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
  if (response.status === 200 || Number(start) === received) return response
  discardBody(response)
  throw failure('invalid', `the registry ${session.endpoint.base.host} answers with another range than asked for`)
}
