import { type AbortOptions, delay, failure, isKind } from '../../base/index.ts'
import type { Authorization } from './authorization.ts'
import type { Endpoint } from './endpoints.ts'
import { discardBody, type Incoming, type Outgoing, type Transport } from './transport.ts'

const ATTEMPTS = 6
const REDIRECTS = 10
/** Milliseconds: the first pause after a failure, and the longest that a server may ask for. */
const PAUSE = 250
const LONGEST_PAUSE = 60_000
const BUSY: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

export interface SessionRequest extends Omit<Outgoing, 'url' | 'verify'> {
  /** Path below the endpoint, or what a `Location` said. */
  readonly target: string | URL
  /** How often a failed request is sent again at most; a stream that is sent is not repeated by itself. */
  readonly attempts?: number
}

/** Requests to one endpoint: authorised, redirected, and repeated while the server is busy or the network fails. */
export interface Session {
  readonly endpoint: Endpoint
  send(request: SessionRequest): Promise<Incoming>
  /** Waits before another attempt; longer each time. */
  pause(attempt: number, options?: AbortOptions): Promise<void>
}

export function createSession({
  endpoint,
  transport,
  authorization,
}: {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly authorization: Authorization
}): Session {
  async function send(request: SessionRequest): Promise<Incoming> {
    const { attempts = ATTEMPTS, signal } = request
    for (let attempt = 1; ; attempt += 1) {
      let wait: number | undefined
      try {
        const response = await sendAuthorized(request)
        if (!BUSY.has(response.status) || attempt >= attempts) return response
        wait = retryAfter(response)
        discardBody(response)
      } catch (error) {
        const mayPass = isKind(error, 'unavailable') || isKind(error, 'timeout')
        if (!mayPass || attempt >= attempts || isFinal(error)) throw error
      }
      await (wait === undefined ? pause(attempt, { signal }) : delay(wait, { signal }))
    }
  }

  async function sendAuthorized(request: SessionRequest): Promise<Incoming> {
    const response = await sendRedirected(request)
    if (response.status !== 401 || !isOwn(response.url)) return response
    if (!(await authorization.answer(response, { signal: request.signal }))) return response
    discardBody(response)
    return sendRedirected(request)
  }

  /** Only reading is redirected. What is secret goes to the registry's own address and nowhere else. */
  async function sendRedirected({ target, attempts: _attempts, ...request }: SessionRequest): Promise<Incoming> {
    let url = resolve(target)
    for (let hop = 0; hop <= REDIRECTS; hop += 1) {
      const header = isOwn(url) ? authorization.header() : undefined
      const headers = { ...request.headers, ...(header !== undefined && { authorization: header }) }
      const response = await transport.send({ ...request, url, headers, verify: endpoint.verify })
      const { location } = response.headers
      const isRedirect = [301, 302, 303, 307, 308].includes(response.status) && location !== undefined
      if (!isRedirect || (request.method !== 'GET' && request.method !== 'HEAD')) return response
      discardBody(response)
      url = follow(location, url)
    }
    throw failure('invalid', `the registry ${endpoint.base.host} redirects more than ${REDIRECTS} times`)
  }

  function resolve(target: string | URL): URL {
    if (target instanceof URL) return target
    const { origin, pathname } = endpoint.base
    return new URL(`${origin}${pathname.replace(/\/+$/, '')}${target}`)
  }

  function follow(location: string, from: URL): URL {
    const url = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && from.protocol === 'http:')
    if (url && isSafe) return url
    throw failure('invalid', `the registry ${endpoint.base.host} redirects to an address that is not followed`)
  }

  function isOwn(url: URL): boolean {
    return url.origin === endpoint.base.origin
  }

  function pause(attempt: number, options: AbortOptions = {}): Promise<void> {
    return delay(Math.min(PAUSE * 2 ** (attempt - 1), 5000) * (0.5 + Math.random() / 2), options)
  }

  return { endpoint, send, pause }
}

/** Milliseconds that the server asks to wait, by seconds or by date. */
function retryAfter({ headers }: Incoming): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_PAUSE)
}

/** Failures that trying again does not mend: nobody listens, no such host, a certificate that is not trusted. */
function isFinal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  if (!(cause instanceof Error)) return false
  const code = 'code' in cause ? String(cause.code) : ''
  return (
    ['ECONNREFUSED', 'ENOTFOUND', 'EPROTO', 'CERT_HAS_EXPIRED'].includes(code) || /_SSL_|CERT|_SIGNATURE/.test(code)
  )
}
