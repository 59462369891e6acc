import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { failure } from '../../base/index.ts'

export type Transport = 'udp' | 'tcp'

const PORT = 53
/** Milliseconds that one server may take. */
const PATIENCE = 2_000
const HEADER = 12
const RCODE_BITS = 0x0f
const [SERVER_FAILURE, REFUSED] = [2, 5]

/**
 * Asks the servers in their order, from the host's side, and gives the first answer; one that only says that the server
 * cannot or will not is given when no other server does better. `unavailable` when none answers.
 */
export async function askUpstreams(
  query: Buffer,
  {
    servers,
    transport,
    port = PORT,
  }: { readonly servers: readonly string[]; readonly transport: Transport; readonly port?: number },
): Promise<Buffer> {
  const ask = transport === 'udp' ? askByUdp : askByTcp
  let poor: Buffer | undefined
  let cause: unknown
  for (const server of servers) {
    try {
      const answer = await ask(query, { server, port })
      const code = (answer[3] ?? 0) & RCODE_BITS
      if (code !== SERVER_FAILURE && code !== REFUSED) return answer
      poor ??= answer
    } catch (error) {
      cause = error
    }
  }
  if (poor) return poor
  throw failure('unavailable', 'no name server answers', { cause })
}

interface Target {
  readonly server: string
  readonly port: number
}

async function askByUdp(query: Buffer, { server, port }: Target): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4')
  const alarm = setTimeout(() => reject(new Error(`${server} does not answer`)), PATIENCE)
  socket.on('error', reject)
  socket.on('message', (answer) => {
    // Anything else is somebody who guesses.
    if (answers(answer, query)) resolve(answer)
  })
  // A connected socket takes packets of that server alone, and learns at once when nobody listens there.
  socket.connect(port, server, () => socket.send(query))
  try {
    return await promise
  } finally {
    clearTimeout(alarm)
    socket.close()
  }
}

async function askByTcp(query: Buffer, { server, port }: Target): Promise<Buffer> {
  const socket = connect({ host: server, port })
  const alarm = setTimeout(() => socket.destroy(new Error(`${server} does not answer`)), PATIENCE)
  try {
    socket.write(framed(query))
    let received = Buffer.alloc(0)
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      const answer = firstMessage(received)
      if (answer && answers(answer, query)) return answer
      if (answer) break
    }
    throw new Error(`${server} gives no answer`)
  } finally {
    clearTimeout(alarm)
    socket.destroy()
  }
}

/** A message as it goes over TCP, behind its length. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** The first whole message of what came over TCP. */
export function firstMessage(received: Buffer): Buffer | undefined {
  const end = received.length < 2 ? Number.POSITIVE_INFINITY : 2 + received.readUInt16BE(0)
  return received.length < end ? undefined : received.subarray(2, end)
}

/** True for a response to exactly that query. */
function answers(answer: Buffer, query: Buffer): boolean {
  if (answer.length < HEADER || !((answer[2] ?? 0) & 0x80) || answer.readUInt16BE(0) !== query.readUInt16BE(0)) {
    return false
  }
  const asked = questionOf(query)
  return answer.readUInt16BE(4) === 0 || questionOf(answer) === asked
}

/** Name, type and class of the first question, in lower case. */
function questionOf(message: Buffer): string {
  let at = HEADER
  for (let length = message[at] ?? 0; length > 0 && at < message.length; length = message[at] ?? 0) at += length + 1
  return message.toString('latin1', HEADER, at + 5).toLowerCase()
}
