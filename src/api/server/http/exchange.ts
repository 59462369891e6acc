import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { failure, kindOf, type Log } from '../../../base/index.ts'
import { answer } from './answer.ts'
import { createBody, createReadBody } from './body.ts'
import type { Call, HijackReply } from './call.ts'
import { runHijacked, takeSocket } from './connection.ts'
import { parseQuery } from './query.ts'
import { type Match, parseTarget, type Router, type Target } from './router.ts'
import { errorBody, isBug, statusOf } from './status.ts'
import { readUpgradedBody } from './upgraded-body.ts'
import { atLeast, NEWEST_VERSION, negotiateVersion, OLDEST_VERSION } from './version.ts'

export interface ExchangeOptions {
  readonly router: Router
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly log: Log
  /** Fires when the server closes. */
  readonly closing: AbortSignal
}

/** Serves one request. Never rejects. `upgraded`: the socket is ours already and still holds the body. */
export async function serveExchange(
  request: IncomingMessage,
  { response, upgraded, ...options }: ExchangeOptions & { response: ServerResponse; upgraded?: Duplex },
): Promise<void> {
  const began = performance.now()
  const { method = 'GET', url = '/' } = request
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const target = parseTarget(path)
  using client = watchClient(response, { closing: options.closing, ...(upgraded && { upgraded }) })
  for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value)
  try {
    const { match, version } = resolve(options.router, { method, target })
    const { signal } = client
    const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1))
    const body = upgraded
      ? createReadBody(await readUpgradedBody(upgraded, request.headers), request.headers)
      : createBody(request, request.headers)
    const reply = await match.route.handler(createCall({ request, match, version, query, body, signal }))
    if (reply.kind === 'hijack') await hijack(reply, { response, upgraded, headers: options.headers })
    else await answer(response, reply)
  } catch (error) {
    report(error, { log: options.log, method, path })
    await answerError(response, { error, version: target?.version })
  }
  options.log.debug(
    { method, path, status: response.statusCode, ms: Math.round(performance.now() - began) },
    'request served',
  )
}

function resolve(
  router: Router,
  { method, target }: { readonly method: string; readonly target: Target | undefined },
): { readonly match: Match; readonly version: string } {
  const match = target && router.find(method, target)
  if (!match) throw failure('not-found', 'page not found')
  return { match, version: negotiateVersion(target.version) }
}

function createCall(
  facts: Omit<Call, 'param' | 'headers'> & { readonly request: IncomingMessage; readonly match: Match },
): Call {
  const { request, match, version, query, body, signal } = facts
  return {
    param(name) {
      const value = match.params[name]
      if (value === undefined) throw new Error(`route ${match.route.path} has no ${name}`)
      return value
    },
    version,
    query,
    body,
    signal,
    headers: request.headers,
  }
}

async function hijack(
  reply: HijackReply,
  options: {
    readonly response: ServerResponse
    readonly upgraded: Duplex | undefined
    readonly headers: Readonly<Record<string, string>>
  },
): Promise<void> {
  const { response, upgraded, headers } = options
  if (upgraded) {
    response.detachSocket(upgraded as never)
    return await runHijacked(reply, { socket: upgraded, upgraded: true, headers })
  }
  await discard(response.req)
  await runHijacked(reply, { socket: takeSocket(response), upgraded: false, headers })
}

/** A signal that fires when the answer can no longer reach anybody. */
function watchClient(
  response: ServerResponse,
  { closing, upgraded }: { readonly closing: AbortSignal; readonly upgraded?: Duplex },
): Disposable & { readonly signal: AbortSignal } {
  const gone = new AbortController()
  const stream = upgraded ?? response.req.socket
  const onClose = (): void => gone.abort(failure('cancelled', 'context canceled'))
  stream.once('close', onClose)
  return {
    signal: AbortSignal.any([gone.signal, closing]),
    [Symbol.dispose]: () => stream.off('close', onClose),
  }
}

function report(
  error: unknown,
  { log, method, path }: { readonly log: Log; readonly method: string; readonly path: string },
): void {
  if (isBug(error)) log.error({ error, method, path }, 'request failed unexpectedly')
  else if (statusOf(error) >= 500 && kindOf(error) !== 'cancelled') {
    log.error({ message: errorBody(error).message, method, path }, 'request failed')
  }
}

async function answerError(
  response: ServerResponse,
  { error, version }: { readonly error: unknown; readonly version: string | undefined },
): Promise<void> {
  if (response.headersSent || !response.socket) {
    // The client sees a cut answer, which is all that can still be told.
    response.destroy()
    return
  }
  const status = statusOf(error)
  if (status === 304) return await answer(response, { kind: 'empty', status })
  // Clients older than any version that is served expect plain text.
  const plain = version !== undefined && !atLeast(version, OLDEST_VERSION)
  const body = plain ? errorBody(error).message : JSON.stringify(errorBody(error))
  const type = plain ? 'text/plain; charset=utf-8' : 'application/json'
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) + 1 })
  if (response.req.method !== 'HEAD') response.write(`${body}\n`)
  // A connection that is closed while the client still sends would swallow the answer.
  await discard(response.req)
  response.end()
}

/** Reads a body that nobody wants to its end, or as far as the client sends it. */
async function discard(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return
  const left = new AbortController()
  request.once('close', () => left.abort())
  request.resume()
  await once(request, 'end', { signal: left.signal }).catch(() => undefined)
}

/** Headers of every answer. */
export function commonHeaders({ version, experimental }: { readonly version: string; readonly experimental: boolean }) {
  return {
    'Api-Version': NEWEST_VERSION,
    'Docker-Experimental': String(experimental),
    Ostype: 'linux',
    Server: `Slipway/${version} (linux)`,
  }
}
