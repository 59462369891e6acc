import { isIPv6 } from 'node:net'
import { attribute, NLA_F_NESTED, nested, text, u32 } from '../netlink/attributes.ts'
import { message, NLM_F } from '../netlink/messages.ts'
import { addressBytes, macBytes } from './inet.ts'

export interface LinkChange {
  readonly up?: boolean
  /** Index of the bridge that takes it in; 0 sets it free. */
  readonly master?: number
  readonly name?: string
  readonly mac?: string
  readonly mtu?: number
}

export interface BridgeRequest {
  readonly name: string
  readonly mac?: string
  readonly mtu?: number
}

export interface VethRequest {
  readonly name: string
  readonly peer: string
  /** fd of the network namespace in which the peer is born. */
  readonly peerNetns: number
  readonly master?: number
  /** Default: 1500. */
  readonly mtu?: number
  readonly mac?: string
  readonly peerMac?: string
  /** Let packets go out of the port they came from; needed where bridged packets pass through netfilter. */
  readonly hairpin?: boolean
  /** Packets pass between this port and the host alone, not to other isolated ports. */
  readonly isolated?: boolean
}

export interface AddressRequest {
  readonly address: string
  readonly prefix: number
  readonly broadcast?: string
}

export interface RouteRequest {
  /** CIDR, or an address for a route to it alone; without it the default route. */
  readonly destination?: string
  readonly gateway?: string
  readonly index?: number
  /** Default: `universe` through a gateway, `link` without. */
  readonly scope?: 'link' | 'universe'
}

const RTM = {
  newLink: 16,
  delLink: 17,
  getLink: 18,
  setLink: 19,
  newAddr: 20,
  delAddr: 21,
  getAddr: 22,
  newRoute: 24,
  getRoute: 26,
} as const
const CREATE = NLM_F.create | NLM_F.excl
const AF_INET = 2
const AF_INET6 = 10
const AF_BRIDGE = 7
const IFF_UP = 1

export const listRequests = {
  links: () => message(RTM.getLink, NLM_F.dump, interfaceInfo(0)),
  addresses: () => message(RTM.getAddr, NLM_F.dump, Buffer.alloc(8)),
  routes: () => message(RTM.getRoute, NLM_F.dump, Buffer.alloc(12)),
} as const

const IFLA = { address: 1, ifname: 3, mtu: 4, master: 10, protinfo: 12, linkinfo: 18, netNsFd: 28 }
const IFLA_INFO = { kind: 1, data: 2 }
const VETH_INFO_PEER = 1
const IFLA_BRPORT = { mode: 4, isolated: 33 }
const DEFAULT_MTU = 1500

/** The kernel answers with the link, or ENODEV. */
export function linkByNameMessage(name: string): Buffer {
  return message(RTM.getLink, 0, interfaceInfo(0), attribute(IFLA.ifname, text(name)))
}

export function linkMessage(index: number, { up, ...change }: LinkChange): Buffer {
  const info = up === undefined ? interfaceInfo(index) : interfaceInfo(index, { flags: up ? IFF_UP : 0, mask: IFF_UP })
  return message(RTM.newLink, 0, info, ...linkAttributes(change))
}

export function deleteLinkMessage(index: number): Buffer {
  return message(RTM.delLink, 0, interfaceInfo(index))
}

/** A bridge that is up. */
export function bridgeMessage(bridge: BridgeRequest): Buffer {
  const kind = nested(IFLA.linkinfo, attribute(IFLA_INFO.kind, text('bridge')))
  return message(RTM.newLink, CREATE, newInterface(), ...linkAttributes(bridge), kind)
}

/** A pair of which this end is up. IFF_UP on the peer would fail with ENOTCONN here: it is set up from inside. */
export function vethMessage({ name, peer, peerNetns, master, mtu = DEFAULT_MTU, mac, peerMac }: VethRequest): Buffer {
  const inside = [...linkAttributes({ name: peer, mtu, mac: peerMac }), attribute(IFLA.netNsFd, u32(peerNetns))]
  const data = nested(IFLA_INFO.data, nested(VETH_INFO_PEER, interfaceInfo(0), ...inside))
  const kind = nested(IFLA.linkinfo, attribute(IFLA_INFO.kind, text('veth')), data)
  return message(RTM.newLink, CREATE, newInterface(), ...linkAttributes({ name, mtu, mac, master }), kind)
}

/** For a port of a bridge. Not RTM_NEWLINK, which answers well and does nothing for this family. */
export function bridgePortMessage(
  index: number,
  { hairpin = false, isolated = false }: Pick<VethRequest, 'hairpin' | 'isolated'>,
): Buffer {
  const port = nested(
    IFLA.protinfo | NLA_F_NESTED,
    attribute(IFLA_BRPORT.mode, Buffer.of(Number(hairpin))),
    attribute(IFLA_BRPORT.isolated, Buffer.of(Number(isolated))),
  )
  return message(RTM.setLink, 0, interfaceInfo(index, { family: AF_BRIDGE }), port)
}

type LinkAttributes = { readonly [Name in Exclude<keyof LinkChange, 'up'>]: LinkChange[Name] | undefined }

function linkAttributes({ name, mac, mtu, master }: Partial<LinkAttributes>): Buffer[] {
  return [
    ...(name === undefined ? [] : [attribute(IFLA.ifname, text(name))]),
    ...(mac === undefined ? [] : [attribute(IFLA.address, macBytes(mac))]),
    ...(mtu === undefined ? [] : [attribute(IFLA.mtu, u32(mtu))]),
    ...(master === undefined ? [] : [attribute(IFLA.master, u32(master))]),
  ]
}

function newInterface(): Buffer {
  return interfaceInfo(0, { flags: IFF_UP, mask: IFF_UP })
}

/** struct ifinfomsg. */
function interfaceInfo(index: number, { family = 0, flags = 0, mask = 0 } = {}): Buffer {
  const bytes = Buffer.alloc(16)
  bytes[0] = family
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt32LE(flags, 8)
  bytes.writeUInt32LE(mask, 12)
  return bytes
}

const IFA = { address: 1, local: 2, broadcast: 4 }
/** An address of ours is ours: waiting a second for duplicates would only delay the container. */
const IFA_F_NODAD = 2

export function addAddressMessage(index: number, { address, prefix, broadcast }: AddressRequest): Buffer {
  const parts = broadcast === undefined ? [] : [attribute(IFA.broadcast, addressBytes(broadcast))]
  return message(RTM.newAddr, CREATE, addressInfo(index, { address, prefix }), ...ownAddress(address), ...parts)
}

export function deleteAddressMessage(index: number, { address, prefix }: AddressRequest): Buffer {
  return message(RTM.delAddr, 0, addressInfo(index, { address, prefix }), ...ownAddress(address))
}

function ownAddress(address: string): Buffer[] {
  const bytes = addressBytes(address)
  return [attribute(IFA.local, bytes), attribute(IFA.address, bytes)]
}

/** struct ifaddrmsg. */
function addressInfo(index: number, { address, prefix }: AddressRequest): Buffer {
  const six = isIPv6(address)
  const bytes = Buffer.alloc(8)
  bytes[0] = six ? AF_INET6 : AF_INET
  bytes[1] = prefix
  bytes[2] = six ? IFA_F_NODAD : 0
  bytes.writeUInt32LE(index, 4)
  return bytes
}

const RTA = { destination: 1, index: 4, gateway: 5 }
const TABLE_MAIN = 254
/** Made by hand or program, as ip(8) says of its own. */
const PROTOCOL_BOOT = 3
const SCOPE = { universe: 0, link: 253 } as const
const UNICAST = 1

/** With `replace` it takes the place of the route to that destination, if there is one. */
export function routeMessage(
  { destination, gateway, index, scope }: RouteRequest,
  { replace = false }: { readonly replace?: boolean } = {},
): Buffer {
  const [target, length] = destination?.split('/') ?? []
  const six = isIPv6(target ?? gateway ?? '')
  const header = Buffer.alloc(12)
  header[0] = six ? AF_INET6 : AF_INET
  header[1] = target === undefined ? 0 : Number(length ?? (six ? 128 : 32))
  header[4] = TABLE_MAIN
  header[5] = PROTOCOL_BOOT
  header[6] = SCOPE[scope ?? (gateway === undefined ? 'link' : 'universe')]
  header[7] = UNICAST
  return message(
    RTM.newRoute,
    replace ? NLM_F.create | NLM_F.replace : CREATE,
    header,
    ...(target === undefined ? [] : [attribute(RTA.destination, addressBytes(target))]),
    ...(gateway === undefined ? [] : [attribute(RTA.gateway, addressBytes(gateway))]),
    ...(index === undefined ? [] : [attribute(RTA.index, u32(index))]),
  )
}
