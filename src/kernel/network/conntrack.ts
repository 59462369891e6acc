import { hasCode } from '../../base/index.ts'
import { attribute, NLA_F_NESTED, parseAttributes } from '../netlink/attributes.ts'
import { message, NLM_F } from '../netlink/messages.ts'
import { type NetlinkSocket, openNetlink } from '../netlink/socket.ts'
import { addressBytes, addressText } from './inet.ts'

const NETLINK_NETFILTER = 12
const NFNL_SUBSYS_CTNETLINK = 1
const GET = (NFNL_SUBSYS_CTNETLINK << 8) | 1
const DELETE = (NFNL_SUBSYS_CTNETLINK << 8) | 2
const AF_INET = 2
const AF_INET6 = 10
/** struct nfgenmsg. */
const HEADER_SIZE = 4
const PROTOCOL_NUMBER = { tcp: 6, udp: 17, sctp: 132 } as const

export interface ConntrackQuery {
  readonly protocol: keyof typeof PROTOCOL_NUMBER
  /** Destination ports of the packets as they reached the host: one of them. */
  readonly hostPorts?: ReadonlySet<number>
  /** Destination address as it reached the host. */
  readonly address?: string
  /** Address to which the packets were redirected. */
  readonly containerAddress?: string
}

/** Forgets tracked IPv4 and IPv6 connections that match everything given; gives their number. */
export function flushConntrack(query: ConntrackQuery): number {
  const matches = matcherOf(query)
  using socket = openNetlink(NETLINK_NETFILTER)
  let flushed = 0
  for (const family of [AF_INET, AF_INET6]) {
    const found = socket.dump(message(GET, NLM_F.dump, header(family)), {
      what: 'list conntrack',
      read: ({ payload }) => {
        const flow = parseFlow(payload)
        // Copied: the payload is gone when the next datagram comes.
        return flow && matches(flow) ? Buffer.from(flow.tuple) : undefined
      },
    })
    for (const tuple of found) if (forget(socket, family, tuple)) flushed += 1
  }
  return flushed
}

/** False when the flow has ended meanwhile. */
function forget(socket: NetlinkSocket, family: number, tuple: Buffer): boolean {
  try {
    const original = attribute(CTA.original | NLA_F_NESTED, tuple)
    socket.request([message(DELETE, 0, header(family), original)], 'delete conntrack')
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

function header(family: number): Buffer {
  return Buffer.of(family, 0, 0, 0)
}

const CTA = { original: 1, reply: 2 }
const CTA_TUPLE = { ip: 1, proto: 2 }
const CTA_IP = { v4Source: 1, v4Destination: 2, v6Source: 3, v6Destination: 4 }
const CTA_PROTO = { number: 1, destinationPort: 3 }

export interface Flow {
  /** The packets as they reached the host, as the kernel writes it. */
  readonly tuple: Buffer
  readonly protocol: number
  readonly port: number | undefined
  readonly destination: string
  /** Where the answers come from: the container, when the packets were redirected. */
  readonly answeredBy: string
}

/** A tracked connection; undefined for what is none, or lacks a part. */
export function parseFlow(payload: Buffer): Flow | undefined {
  const attributes = parseAttributes(payload.subarray(HEADER_SIZE))
  const tuple = attributes.get(CTA.original)
  const original = tuple && parseTuple(tuple)
  const reply = parseTuple(attributes.get(CTA.reply) ?? Buffer.alloc(0))
  if (!original || !reply) return undefined
  const { protocol, port, destination } = original
  return { tuple, protocol, port, destination, answeredBy: reply.source }
}

interface Tuple {
  readonly protocol: number
  readonly port: number | undefined
  readonly source: string
  readonly destination: string
}

function parseTuple(bytes: Buffer): Tuple | undefined {
  const parts = parseAttributes(bytes)
  const addresses = parseAttributes(parts.get(CTA_TUPLE.ip) ?? Buffer.alloc(0))
  const transport = parseAttributes(parts.get(CTA_TUPLE.proto) ?? Buffer.alloc(0))
  const source = addresses.get(CTA_IP.v4Source) ?? addresses.get(CTA_IP.v6Source)
  const destination = addresses.get(CTA_IP.v4Destination) ?? addresses.get(CTA_IP.v6Destination)
  const protocol = transport.get(CTA_PROTO.number)?.[0]
  if (!source || !destination || protocol === undefined) return undefined
  const port = transport.get(CTA_PROTO.destinationPort)
  return {
    protocol,
    port: port && port.length >= 2 ? port.readUInt16BE(0) : undefined,
    source: addressText(source),
    destination: addressText(destination),
  }
}

function matcherOf({ protocol, hostPorts, address, containerAddress }: ConntrackQuery): (flow: Flow) => boolean {
  const wanted = PROTOCOL_NUMBER[protocol]
  const destination = address && addressText(addressBytes(address))
  const answeredBy = containerAddress && addressText(addressBytes(containerAddress))
  return (flow) =>
    flow.protocol === wanted &&
    (hostPorts === undefined || (flow.port !== undefined && hostPorts.has(flow.port))) &&
    (destination === undefined || flow.destination === destination) &&
    (answeredBy === undefined || flow.answeredBy === answeredBy)
}
