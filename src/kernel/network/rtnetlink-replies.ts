import { parseAttributes, readText, readU32 } from '../netlink/attributes.ts'
import type { Thing } from '../netlink/messages.ts'
import { addressText, macText } from './inet.ts'

export interface Link {
  readonly index: number
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  readonly master?: number
  /** `bridge`, `veth`, …; absent for hardware. */
  readonly kind?: string
}

export interface InterfaceAddress {
  readonly index: number
  readonly family: 4 | 6
  readonly address: string
  readonly prefix: number
  readonly scope: number
}

export interface Route {
  readonly family: 4 | 6
  /** In CIDR form, or `default`. */
  readonly destination: string
  readonly gateway?: string
  readonly index?: number
  readonly table: number
}

const RTM_NEWLINK = 16
const RTM_NEWADDR = 20
const RTM_NEWROUTE = 24
const AF_INET = 2
const AF_INET6 = 10
const FAMILIES: Readonly<Record<number, { readonly family: 4 | 6; readonly size: number }>> = {
  [AF_INET]: { family: 4, size: 4 },
  [AF_INET6]: { family: 6, size: 16 },
}

const IFLA = { address: 1, ifname: 3, mtu: 4, master: 10, linkinfo: 18 }
const IFLA_INFO_KIND = 1
const IFINFOMSG_SIZE = 16
const IFF_UP = 1

/** struct ifinfomsg and attributes. Undefined for anything but a link. */
export function parseLink({ type, payload }: Thing): Link | undefined {
  if (type !== RTM_NEWLINK || payload.length < IFINFOMSG_SIZE) return undefined
  const attributes = parseAttributes(payload.subarray(IFINFOMSG_SIZE))
  const info = attributes.get(IFLA.linkinfo)
  const kind = info && readText(parseAttributes(info).get(IFLA_INFO_KIND))
  const master = readU32(attributes.get(IFLA.master))
  return {
    index: payload.readInt32LE(4),
    name: readText(attributes.get(IFLA.ifname)) ?? '',
    mac: macText(attributes.get(IFLA.address) ?? Buffer.alloc(0)),
    mtu: readU32(attributes.get(IFLA.mtu)) ?? 0,
    up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    ...(master === undefined ? {} : { master }),
    ...(kind === undefined ? {} : { kind }),
  }
}

const IFA = { address: 1, local: 2 }
const IFADDRMSG_SIZE = 8

/** struct ifaddrmsg and attributes; the local address is preferred to the peer's. Undefined for other than IP. */
export function parseAddress({ type, payload }: Thing): InterfaceAddress | undefined {
  const known = FAMILIES[payload[0] ?? 0]
  if (type !== RTM_NEWADDR || payload.length < IFADDRMSG_SIZE || !known) return undefined
  const attributes = parseAttributes(payload.subarray(IFADDRMSG_SIZE))
  const bytes = attributes.get(IFA.local) ?? attributes.get(IFA.address)
  if (bytes?.length !== known.size) return undefined
  return {
    index: payload.readUInt32LE(4),
    family: known.family,
    address: addressText(bytes),
    prefix: payload[1] ?? 0,
    scope: payload[3] ?? 0,
  }
}

const RTA = { destination: 1, index: 4, gateway: 5, table: 15 }
const RTMSG_SIZE = 12

/** struct rtmsg and attributes. Undefined for other than IP. */
export function parseRoute({ type, payload }: Thing): Route | undefined {
  const known = FAMILIES[payload[0] ?? 0]
  if (type !== RTM_NEWROUTE || payload.length < RTMSG_SIZE || !known) return undefined
  const attributes = parseAttributes(payload.subarray(RTMSG_SIZE))
  const destination = attributes.get(RTA.destination)
  const gateway = attributes.get(RTA.gateway)
  const index = readU32(attributes.get(RTA.index))
  return {
    family: known.family,
    destination: destination?.length === known.size ? `${addressText(destination)}/${payload[1]}` : 'default',
    table: readU32(attributes.get(RTA.table)) ?? payload[4] ?? 0,
    ...(gateway?.length === known.size ? { gateway: addressText(gateway) } : {}),
    ...(index === undefined ? {} : { index }),
  }
}
