import { connect, type Socket } from 'node:net'
import { failure, KINDS, type Kind, messageOf } from '../../base/index.ts'
import { type ResponseHead, readResponse } from './http-message.ts'

export type QueryValue = string | number | boolean | readonly string[] | undefined

export interface RequestOptions {
  readonly query?: Readonly<Record<string, QueryValue>>
  /** An object is sent as JSON, a stream chunked, bytes as they are. */
  readonly body?: object | AsyncIterable<Uint8Array>
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface Response extends ResponseHead {
  /** Read it to the end or dispose the response. */
  readonly body: AsyncIterable<Buffer>
  close(): void
}

/** A connection that belongs to a container's stdio: raw bytes both ways, each side ended for itself. */
export interface Hijacked extends ResponseHead {
  readonly socket: Socket
  /** Bytes that came with the answer; they precede what the socket delivers. */
  readonly head: Buffer
}

/** Speaks the Engine API to one daemon. Failures of a request are SlipwayErrors with the daemon's message. */
export interface Client {
  readonly address: string
  /** Sends a request; answers of 400 and more become errors. The caller reads or closes the body. */
  request(method: string, path: string, options?: RequestOptions): Promise<Response>
  /** The decoded JSON body of the answer; undefined when it is empty. */
  json<T>(method: string, path: string, options?: RequestOptions): Promise<T>
  /** One JSON value a line, as they arrive. */
  lines<T>(method: string, path: string, options?: RequestOptions): AsyncGenerator<T>
  /** Takes the connection over (attach, exec). The caller destroys the socket. */
  hijack(path: string, options?: RequestOptions): Promise<Hijacked>
}

/** Where a daemon listens, as `-H` writes it. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string; readonly text: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly text: string }

/** Reads `unix:///path`, `tcp://host:port` or `http://host:port`; `invalid` for anything else. */
export function parseAddress(text: string): Address {
  if (text.startsWith('unix://') && text.length > 'unix://'.length) {
    return { kind: 'unix', path: text.slice('unix://'.length), text }
  }
  const url = URL.canParse(text) ? new URL(text.replace(/^tcp:/, 'http:')) : undefined
  if (url?.protocol === 'http:' && url.hostname !== '') {
    return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 2375), text }
  }
  throw failure('invalid', `unable to parse docker host \`${text}\``)
}

export function createClient({ address, version }: { readonly address: Address; readonly version: string }): Client {
  async function open(method: string, path: string, options: RequestOptions & { readonly upgrade?: boolean }) {
    const socket = await dial(address)
    options.signal?.addEventListener('abort', () => socket.destroy(), { once: true })
    const reader = readResponse(socket)
    const { headers, bytes } = encodeRequest(options)
    const target = `/v${version}${path}${encodeQuery(options.query)}`
    socket.write(`${method} ${target} HTTP/1.1\r\nHost: api.moby.localhost\r\nUser-Agent: Slipway\r\n${headers}\r\n`)
    if (bytes instanceof Uint8Array) socket.write(bytes)
    else if (bytes) void sendChunked(socket, bytes).catch((error: Error) => socket.destroy(error))
    try {
      return { socket, reader, head: await reader.head() }
    } catch (cause) {
      socket.destroy()
      throw cause
    }
  }

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { socket, reader, head } = await open(method, path, options)
    const close = (): void => void socket.destroy()
    if (head.status < 400) return { ...head, body: thenClose(reader.body(), close), close }
    throw await errorOf(head, thenClose(reader.body(), close))
  }

  async function json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const { body } = await request(method, path, options)
    const text = Buffer.concat(await Array.fromAsync(body)).toString()
    return (text.trim() === '' ? undefined : JSON.parse(text)) as T
  }

  async function* lines<T>(method: string, path: string, options: RequestOptions = {}): AsyncGenerator<T> {
    const { body } = await request(method, path, options)
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of body) {
      const parts = (text + decoder.decode(chunk, { stream: true })).split('\n')
      text = parts.pop() ?? ''
      for (const part of parts) if (part.trim() !== '') yield JSON.parse(part) as T
    }
    if (text.trim() !== '') yield JSON.parse(text) as T
  }

  async function hijack(path: string, options: RequestOptions = {}): Promise<Hijacked> {
    const { socket, reader, head } = await open('POST', path, { ...options, upgrade: true })
    if (head.status === 101 || head.status === 200) return { ...head, socket, head: reader.rest() }
    throw await errorOf(
      head,
      thenClose(reader.body(), () => socket.destroy()),
    )
  }

  return { address: address.text, request, json, lines, hijack }
}

function dial(address: Address): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const target = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
  const socket = connect({ ...target, noDelay: true, allowHalfOpen: true })
  socket.once('connect', () => resolve(socket))
  socket.once('error', (cause) => reject(unreachable(address, cause)))
  // Later failures end the reading iterator; without a listener they would end the program.
  socket.on('error', () => {})
  return promise
}

function unreachable(address: Address, cause: Error): Error {
  const denied = 'code' in cause && cause.code === 'EACCES'
  const message = denied
    ? `permission denied while trying to connect to the Docker daemon socket at ${address.text}`
    : `Cannot connect to the Docker daemon at ${address.text}. Is the docker daemon running?`
  return failure(denied ? 'forbidden' : 'unavailable', message, { cause })
}

function encodeRequest({
  body,
  contentType,
  headers = {},
  upgrade = false,
}: RequestOptions & { readonly upgrade?: boolean }): {
  headers: string
  bytes?: Uint8Array | AsyncIterable<Uint8Array>
} {
  const lines = { ...headers, ...(upgrade ? { Connection: 'Upgrade', Upgrade: 'tcp' } : { Connection: 'close' }) }
  const encode = (more: Record<string, string>): string =>
    Object.entries({ ...lines, ...more })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
  if (body === undefined) return { headers: encode({ 'Content-Length': '0' }) }
  if (Symbol.asyncIterator in body) {
    const type = contentType ?? 'application/octet-stream'
    return { headers: encode({ 'Content-Type': type, 'Transfer-Encoding': 'chunked' }), bytes: body }
  }
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
  const type = contentType ?? 'application/json'
  return { headers: encode({ 'Content-Type': type, 'Content-Length': String(bytes.length) }), bytes }
}

function encodeQuery(query: RequestOptions['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((entry) => entry !== undefined)
      .map((entry) => `${encodeURIComponent(name)}=${encodeURIComponent(String(entry))}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

async function sendChunked(socket: Socket, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of source) {
    if (chunk.length === 0) continue
    socket.cork()
    socket.write(`${chunk.length.toString(16)}\r\n`)
    socket.write(chunk)
    const flowing = socket.write('\r\n')
    socket.uncork()
    if (!flowing) await drained(socket)
  }
  socket.write('0\r\n\r\n')
}

/** Waits until the socket takes more; fails when it has been closed by the daemon, whose answer then says why. */
function drained(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onClose = (): void => reject(failure('unavailable', 'the daemon closed the connection'))
  socket.once('drain', resolve)
  socket.once('close', onClose)
  return promise.finally(() => {
    socket.off('drain', resolve)
    socket.off('close', onClose)
  })
}

async function* thenClose(source: AsyncIterable<Buffer>, close: () => void): AsyncGenerator<Buffer> {
  try {
    yield* source
  } finally {
    close()
  }
}

const KIND_OF_STATUS: Readonly<Record<number, Kind>> = {
  304: 'not-modified',
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'rate-limited',
  501: 'unsupported',
  503: 'unavailable',
}

async function errorOf(head: ResponseHead, body: AsyncIterable<Buffer>): Promise<Error> {
  const text = Buffer.concat(await Array.fromAsync(body)).toString()
  const fallback = KIND_OF_STATUS[head.status] ?? 'internal'
  const { message, kind } = parseErrorBody(text)
  return failure(kind ?? fallback, `Error response from daemon: ${message || `status ${head.status}`}`)
}

function parseErrorBody(text: string): { message: string; kind?: Kind | undefined } {
  try {
    const { message, kind } = JSON.parse(text) as { message?: unknown; kind?: unknown }
    return { message: String(message ?? text), kind: KINDS.find((known) => known === kind) }
  } catch (cause) {
    return { message: text.trim() || messageOf(cause) }
  }
}
