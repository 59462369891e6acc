import { hasCode } from '../../base/index.ts'
import { attribute, message, NLA_F_NESTED, NLM_F, openNetlink, parseAttributes } from '../netlink/netlink.ts'
import { addressText } from './inet.ts'

const NETLINK_NETFILTER = 12
const CTNETLINK = 1
const GET = (CTNETLINK << 8) | 1
const DELETE = (CTNETLINK << 8) | 2
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
  using socket = openNetlink(NETLINK_NETFILTER)
  let flushed = 0
  for (const family of [2, 10]) {
    const entries = socket.request([message(GET, NLM_F.dump, header(family))], 'list conntrack')
    for (const { payload } of entries) {
      const attributes = parseAttributes(payload.subarray(4))
      const original = attributes.get(1)
      if (!original || !matches(attributes, query)) continue
      try {
        socket.request([message(DELETE, 0, header(family), attribute(1 | NLA_F_NESTED, original))], 'delete conntrack')
        flushed += 1
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error
      }
    }
  }
  return flushed
}

function header(family: number): Buffer {
  return Buffer.from([family, 0, 0, 0])
}

/** CTA_TUPLE_ORIG is 1, CTA_TUPLE_REPLY 2; the reply's source is the container. */
function matches(attributes: ReadonlyMap<number, Buffer>, query: ConntrackQuery): boolean {
  const original = parseTuple(attributes.get(1))
  const reply = parseTuple(attributes.get(2))
  return (
    original.protocol === PROTOCOL_NUMBER[query.protocol] &&
    (query.hostPorts === undefined || (original.port !== undefined && query.hostPorts.has(original.port))) &&
    (query.address === undefined || original.destination === query.address) &&
    (query.containerAddress === undefined || reply.source === query.containerAddress)
  )
}

function parseTuple(bytes: Buffer = Buffer.alloc(0)): {
  protocol: number | undefined
  port: number | undefined
  source: string
  destination: string
} {
  const parts = parseAttributes(bytes)
  const addresses = parseAttributes(parts.get(1) ?? Buffer.alloc(0))
  const transport = parseAttributes(parts.get(2) ?? Buffer.alloc(0))
  return {
    protocol: transport.get(1)?.[0],
    port: transport.get(3)?.readUInt16BE(0),
    source: addressText(addresses.get(1) ?? addresses.get(3) ?? Buffer.alloc(4)),
    destination: addressText(addresses.get(2) ?? addresses.get(4) ?? Buffer.alloc(4)),
  }
}
