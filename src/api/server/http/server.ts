import { createServer as createPlainServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { failure } from '../../../base/index.ts'
import { closeGently } from './connection.ts'
import { type ExchangeOptions, serveExchange } from './exchange.ts'
import { parseTarget } from './router.ts'

/** Certificates of a TLS listener, in PEM. */
export interface TlsOptions {
  readonly cert: string | Buffer
  readonly key: string | Buffer
  /** With it clients must show a certificate that it signed. */
  readonly ca?: string | Buffer
}

export interface HttpServer {
  /** To be listened on by the caller. */
  readonly server: Server
  /** Ends idle connections at once, the others when their answers are out or after `grace` milliseconds. */
  close(options: { readonly grace: number }): Promise<void>
}

/** The daemons of the world read headers this long: registry credentials for many hosts travel in one. */
const HEADER_LIMIT = 1 << 20

/** Serves the routes over HTTP/1.1: uploads may take any time, idle connections stay. */
export function createHttpServer(
  options: Omit<ExchangeOptions, 'closing'> & { readonly tls?: TlsOptions },
): HttpServer {
  const closing = new AbortController()
  const hijacked = new Set<Duplex>()
  const exchange: ExchangeOptions = { ...options, closing: closing.signal }
  const settings = {
    maxHeaderSize: HEADER_LIMIT,
    requestTimeout: 0,
    headersTimeout: 300_000,
    keepAliveTimeout: 0,
    shouldUpgradeCallback: (request: IncomingMessage) => isHijack(request, exchange),
  }
  const { tls } = options
  const server = tls
    ? createTlsServer({
        ...settings,
        ...tls,
        // A client that has ended its input still waits for output.
        allowHalfOpen: true,
        requestCert: tls.ca !== undefined,
        rejectUnauthorized: tls.ca !== undefined,
      })
    : createPlainServer(settings)

  server.on('request', (request, response) => {
    response.once('close', () => closing.signal.aborted && server.closeIdleConnections())
    void serveExchange(request, { ...exchange, response })
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    hijacked.add(socket)
    socket.once('close', () => hijacked.delete(socket))
    // Whoever reads or writes learns of it too; without a listener it would end the daemon.
    socket.on('error', () => {})
    if (head.length > 0) socket.unshift(head)
    void serveExchange(request, { ...exchange, response: respondOn(request, socket), upgraded: socket })
  })

  async function close({ grace }: { readonly grace: number }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    closing.abort(failure('unavailable', 'the daemon is shutting down'))
    const timer = setTimeout(() => {
      server.closeAllConnections()
      for (const socket of hijacked) socket.destroy()
    }, grace)
    await promise
    for (const socket of hijacked) socket.destroy()
    clearTimeout(timer)
  }

  return { server, close }
}

/** Only these get the bare socket; a request for another protocol elsewhere is served as if it had not asked. */
function isHijack(request: IncomingMessage, { router }: ExchangeOptions): boolean {
  if (request.headers.upgrade?.toLowerCase() !== 'tcp') return false
  const target = parseTarget((request.url ?? '').split('?', 1)[0] ?? '')
  return target !== undefined && router.find(request.method ?? '', target)?.route.hijack === true
}

/** An answer for a request whose socket Node has given away: used when it becomes no raw connection after all. */
function respondOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as never)
  response.once('finish', () => closeGently(socket))
  return response
}
