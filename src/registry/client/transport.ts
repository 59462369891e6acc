import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as TlsAgent } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type AbortOptions, failure, throwIfAborted } from '../../base/index.ts'
import { describeRequest, networkFailure } from './network-error.ts'

/** Milliseconds without a byte after which a connection counts as dead. */
const SILENCE = 60_000

export interface Outgoing extends AbortOptions {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: OutgoingBody | undefined
  /** Whether the server's certificate must be good. */
  readonly verify: boolean
}

export type OutgoingBody = Uint8Array | { readonly size: number; readonly open: () => AsyncIterable<Uint8Array> }

/** An answer whose body the caller reads or destroys. */
export interface Incoming {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: IncomingMessage
  readonly url: URL
}

export interface Transport {
  /** One request, one answer of any status. `unavailable` with Go's text when there is none. */
  send(outgoing: Outgoing): Promise<Incoming>
}

export function createTransport(): Transport {
  // Loopback is never behind a proxy, as in Go.
  const near = { http: new Agent({ keepAlive: true }), https: new TlsAgent({ keepAlive: true }) }
  const far = {
    http: new Agent({ keepAlive: true, proxyEnv: process.env }),
    https: new TlsAgent({ keepAlive: true, proxyEnv: process.env }),
  }

  async function send(outgoing: Outgoing): Promise<Incoming> {
    const { method, url, headers, body, verify, signal } = outgoing
    throwIfAborted(signal)
    const isPlain = url.protocol === 'http:'
    const agents = isLoopback(url.hostname) ? near : far
    const options = { method, headers: { ...headers, ...lengthOf(body) }, ...(signal && { signal }) }
    const request = isPlain
      ? requestHttp(url, { ...options, agent: agents.http })
      : requestHttps(url, { ...options, agent: agents.https, rejectUnauthorized: verify })
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request.once('response', resolve)
    // Stays for good: a request may fail again after its answer has come, and then the body tells.
    request.on('error', reject)
    request.setTimeout(SILENCE, () => {
      request.destroy(failure('timeout', `${describeRequest(method, url)}: net/http: timeout awaiting response`))
    })
    try {
      if (body === undefined || body instanceof Uint8Array) request.end(body)
      else pipeline(Readable.from(body.open(), { objectMode: false }), request).catch(reject)
      const response = await promise
      return { status: response.statusCode ?? 0, headers: response.headers, body: response, url }
    } catch (error) {
      request.destroy()
      throwIfAborted(signal)
      if (error instanceof Error && error.name === 'SlipwayError') throw error
      throw networkFailure(error, { method, url })
    }
  }
  return { send }
}

/** The whole body; `invalid` when it is longer than `limit`. */
export async function readBody({ body, url }: Incoming, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw failure('invalid', `the answer from ${url.host} is longer than ${limit} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'SlipwayError') throw error
    throw networkFailure(error, { method: 'GET', url })
  }
  return Buffer.concat(chunks)
}

/** Gives the connection back when little is left to read, and ends it otherwise. */
export function discardBody({ body, headers }: Incoming): void {
  body.on('error', () => undefined)
  const length = Number(headers['content-length'] ?? Number.NaN)
  if (length <= 1 << 16) body.resume()
  else body.destroy()
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function lengthOf(body: OutgoingBody | undefined): Record<string, string> {
  if (body === undefined) return {}
  return { 'content-length': String(body instanceof Uint8Array ? body.length : body.size) }
}
