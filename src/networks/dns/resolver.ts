import { createSocket, type RemoteInfo } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import type { DecodedPacket, Packet } from 'dns-packet'
import { type Log, messageOf } from '../../base/index.ts'
import { closeFd, inNetns, openNft, openUdpTcpPair } from '../../kernel/index.ts'
import type { Zone } from './directory.ts'
import { encodeReply, failureReply, RCODE, readQuery, replyFrom, udpLimitOf } from './reply.ts'
import { askUpstreams, firstMessage, framed, type Transport } from './upstream.ts'

export const RESOLVER_ADDRESS = '127.0.0.11'

/** Questions of one container that may be on their way outside at once. */
const MOST_FORWARDED = 512
const MOST_CONNECTIONS = 64
/** Milliseconds after which a silent connection is closed. */
const IDLE = 10_000
const LARGEST_MESSAGE = 65_535

export interface ResolverOptions {
  readonly zone: () => Zone
  /** Whom to ask for other names. */
  readonly servers: () => readonly string[]
  readonly log: Log
}

/**
 * Answers at 127.0.0.11:53 inside a network namespace, by UDP and TCP. The sockets are on another port, where they are
 * in nobody's way: a rule inside rewrites the port, so that the container may have a server of its own on port 53.
 */
export function openResolver(netns: number, options: ResolverOptions): Disposable {
  const { log } = options
  const { udpFd, tcpFd } = openSockets(netns)
  const udp = createSocket('udp4')
  const tcp = createServer()
  const connections = new Set<Socket>()
  let forwarded = 0

  async function answer(bytes: Buffer, transport: Transport): Promise<Buffer | undefined> {
    const query = readQuery(bytes)
    if (!query) return undefined
    const limit = transport === 'udp' ? udpLimitOf(query) : LARGEST_MESSAGE
    const zone = options.zone()
    const known = replyFrom(query, zone)
    if (known) return encodeOrFail(known, { query, limit })
    if (!zone.mayForward || forwarded >= MOST_FORWARDED) {
      return encodeReply(failureReply(query, RCODE.serverFailure), limit)
    }
    forwarded += 1
    try {
      return await askUpstreams(bytes, { servers: options.servers(), transport })
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'a name could not be asked for outside')
      return encodeReply(failureReply(query, RCODE.serverFailure), limit)
    } finally {
      forwarded -= 1
    }
  }

  function onPacket(bytes: Buffer, { address, port }: RemoteInfo): void {
    answer(bytes, 'udp')
      // Who asked may be gone, and then so is the socket.
      .then((reply) => reply && udp.send(reply, port, address, () => {}))
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'a question could not be answered'))
  }

  async function serve(connection: Socket): Promise<void> {
    let received = Buffer.alloc(0)
    for await (const chunk of connection) {
      received = Buffer.concat([received, chunk as Buffer])
      for (let bytes = firstMessage(received); bytes; bytes = firstMessage(received)) {
        received = received.subarray(2 + bytes.length)
        const reply = await answer(bytes, 'tcp')
        if (reply) connection.write(framed(reply))
      }
    }
  }

  function onConnection(connection: Socket): void {
    if (connections.size >= MOST_CONNECTIONS) {
      connection.destroy()
      return
    }
    connections.add(connection)
    connection.setTimeout(IDLE, () => connection.destroy())
    connection.once('close', () => connections.delete(connection))
    serve(connection)
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'a connection for names broke'))
      .finally(() => connection.destroy())
  }

  const onError = (error: Error): void => log.warn({ reason: error.message }, 'the resolver of a container failed')
  udp.on('message', onPacket).on('error', onError)
  tcp.on('connection', onConnection).on('error', onError)
  udp.bind({ fd: udpFd })
  tcp.listen({ fd: tcpFd })
  return {
    [Symbol.dispose]() {
      udp.close()
      tcp.close()
      for (const connection of connections) connection.destroy()
    },
  }
}

/** A container or network may be called what no name in DNS can be. */
function encodeOrFail(
  packet: Packet,
  { query, limit }: { readonly query: DecodedPacket; readonly limit: number },
): Buffer {
  try {
    return encodeReply(packet, limit)
  } catch {
    return encodeReply(failureReply(query, RCODE.serverFailure), limit)
  }
}

function openSockets(netns: number): { readonly udpFd: number; readonly tcpFd: number } {
  return inNetns(netns, () => {
    const { port, udpFd, tcpFd } = openUdpTcpPair(RESOLVER_ADDRESS)
    try {
      using nft = openNft()
      nft.run(renderRedirect(port))
      return { udpFd, tcpFd }
    } catch (error) {
      closeFd(udpFd)
      closeFd(tcpFd)
      throw error
    }
  })
}

/** Stateless, so that the namespace needs no connection tracking; it replaces the rules of an earlier daemon. */
function renderRedirect(port: number): string {
  const rules = ['udp', 'tcp'].flatMap((protocol) => [
    `ip daddr ${RESOLVER_ADDRESS} ${protocol} dport 53 ${protocol} dport set ${port}`,
    `ip saddr ${RESOLVER_ADDRESS} ${protocol} sport ${port} ${protocol} sport set 53`,
  ])
  return `add table ip slipway_dns
delete table ip slipway_dns
table ip slipway_dns {
  chain out {
    type filter hook output priority -150; policy accept;
    ${rules.join('\n    ')}
  }
}
`
}
