import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { failure } from '../../../base/index.ts'
import type { Connection, HijackReply } from './call.ts'

/** Milliseconds that a client has to close its side after everything was sent to it. */
const FAREWELL = 5000

/**
 * Takes the socket of a plain request away from the HTTP server: from here on its bytes are nobody else's. The body
 * has been read; bytes that a client sends before the answer's head are not part of the protocol.
 */
export function takeSocket(response: ServerResponse): Duplex {
  const { socket } = response.req
  // The parser stops listening as soon as somebody else reads; its own listeners would still end the connection.
  for (const event of ['data', 'end', 'drain', 'timeout']) socket.removeAllListeners(event)
  socket.setTimeout(0)
  response.detachSocket(socket)
  return socket
}

/** Sends the head of the answer, lets the handler work with the raw connection, and closes it. */
export async function runHijacked(
  reply: HijackReply,
  options: { readonly socket: Duplex; readonly upgraded: boolean; readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  const { socket, upgraded, headers } = options
  const connection = createConnection(socket)
  const lines = upgraded
    ? ['HTTP/1.1 101 UPGRADED', `Content-Type: ${reply.contentType}`, 'Connection: Upgrade', 'Upgrade: tcp']
    : ['HTTP/1.1 200 OK', 'Content-Type: application/vnd.docker.raw-stream']
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.write(`${[...lines, ...more].join('\r\n')}\r\n\r\n`)
  try {
    await reply.run(connection)
  } finally {
    closeGently(socket)
  }
}

function createConnection(socket: Duplex): Connection {
  const gone = new AbortController()
  const onGone = (): void => gone.abort(failure('cancelled', 'the client has closed the connection'))
  socket.on('error', onGone)
  socket.once('close', onGone)
  // A peer that has closed altogether looks like one that has ended its side; an empty write tells them apart.
  socket.once('end', () => socket.write(Buffer.alloc(0)))
  return {
    stream: socket,
    signal: gone.signal,
    input: readInput(socket),
    write: (...parts) => write(socket, { parts, signal: gone.signal }),
  }
}

/** Ends quietly when the connection breaks: who writes learns of it. */
async function* readInput(socket: Duplex): AsyncGenerator<Buffer> {
  try {
    yield* socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } catch (error) {
    if (!socket.destroyed) throw error
  }
}

async function write(
  socket: Duplex,
  { parts, signal }: { readonly parts: readonly Uint8Array[]; readonly signal: AbortSignal },
): Promise<void> {
  if (socket.destroyed || signal.aborted) throw failure('cancelled', 'the client has closed the connection')
  if (socket.write(parts.length === 1 ? parts[0] : Buffer.concat(parts))) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = (): void => reject(signal.reason)
  socket.once('drain', resolve)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    socket.off('drain', resolve)
    signal.removeEventListener('abort', onAbort)
  }
}

/** Ends our side and throws away what the client still sends, so that it gets everything before the connection goes. */
export function closeGently(socket: Duplex): void {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), FAREWELL)
  socket.once('close', () => clearTimeout(timer))
  socket.end()
  socket.resume()
}
