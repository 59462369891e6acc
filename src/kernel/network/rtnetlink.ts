import { isIPv6 } from 'node:net'
import { attribute, message, NLM_F, nested, openNetlink, text, u32 } from '../netlink/netlink.ts'
import { addressBytes, macBytes } from './inet.ts'
import { inNetns } from './netns.ts'
import {
  type InterfaceAddress,
  type Link,
  parseAddress,
  parseLink,
  parseRoute,
  type Route,
} from './rtnetlink-replies.ts'

const NETLINK_ROUTE = 0
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
}
const IFLA = { address: 1, ifname: 3, mtu: 4, master: 10, linkinfo: 18, netNsFd: 28, protinfo: 12 }
const IFLA_INFO = { kind: 1, data: 2 }
const VETH_INFO_PEER = 1
const IFLA_BRPORT_MODE = 4
const AF_BRIDGE = 7
const IFF_UP = 1
const CREATE = NLM_F.create | NLM_F.excl

export interface LinkChange {
  readonly up?: boolean
  readonly master?: number
  readonly name?: string
  readonly mac?: string
  readonly mtu?: number
}

export interface AddressRequest {
  readonly address: string
  readonly prefix: number
  readonly broadcast?: string
}

export interface RouteRequest {
  /** CIDR; without it the default route. */
  readonly destination?: string
  readonly gateway?: string
  readonly index?: number
  readonly scope?: 'link' | 'universe'
}

export interface VethRequest {
  readonly name: string
  readonly peer: string
  /** fd of the network namespace in which the peer is born. */
  readonly peerNetns: number
  readonly master?: number
  readonly mtu?: number
  readonly mac?: string
  readonly peerMac?: string
  /** Let packets go out of the port they came from; needed where bridged packets pass through netfilter. */
  readonly hairpin?: boolean
}

export interface InterfaceRequest {
  readonly name: string
  readonly rename?: string
  readonly addresses: readonly AddressRequest[]
  readonly gateway?: string
  readonly gateway6?: string
  readonly routes?: readonly RouteRequest[]
}

/** Links, addresses and routes of one network namespace. Every verb is synchronous. */
export interface Rtnetlink extends Disposable {
  linkByName(name: string): Link | undefined
  links(): readonly Link[]
  createBridge(bridge: { readonly name: string; readonly mac?: string; readonly mtu?: number }): Link
  /** The host's end is up and enslaved when this returns, the peer is down inside its namespace. */
  createVeth(veth: VethRequest): Link
  setLink(index: number, change: LinkChange): void
  /** Blocks for about 30 ms: the kernel waits for all processors. */
  deleteLink(index: number): void
  addresses(): readonly InterfaceAddress[]
  addAddress(index: number, request: AddressRequest): void
  deleteAddress(index: number, request: AddressRequest): void
  routes(): readonly Route[]
  addRoute(request: RouteRequest): void
  /** Brings loopback and a fresh interface up, with addresses and routes, in one exchange with the kernel. */
  configureInterface(request: InterfaceRequest): void
  close(): void
}

/** Opens a socket in this namespace, or in the one behind `netns` (an fd). The caller closes. */
export function openRtnetlink({ netns }: { readonly netns?: number } = {}): Rtnetlink {
  const socket = netns === undefined ? openNetlink(NETLINK_ROUTE) : inNetns(netns, () => openNetlink(NETLINK_ROUTE))
  const links = (): readonly Link[] =>
    socket
      .request([message(RTM.getLink, NLM_F.dump, interfaceInfo(0))], 'list links')
      .map(({ payload }) => parseLink(payload))

  function linkByName(name: string): Link | undefined {
    // Asking for one name fails when it is absent; a dump of thousands of links would be slow.
    try {
      const request = message(RTM.getLink, 0, interfaceInfo(0), attribute(IFLA.ifname, text(name)))
      const [reply] = socket.request([request], `link ${name}`)
      return reply && parseLink(reply.payload)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENODEV') return undefined
      throw error
    }
  }

  function created(name: string): Link {
    const link = linkByName(name)
    if (!link) throw new Error(`link ${name} vanished while it was made`)
    return link
  }

  return {
    linkByName,
    links,
    createBridge({ name, mac, mtu }) {
      const parts = [
        attribute(IFLA.ifname, text(name)),
        nested(IFLA.linkinfo, attribute(IFLA_INFO.kind, text('bridge'))),
      ]
      if (mac) parts.push(attribute(IFLA.address, macBytes(mac)))
      if (mtu) parts.push(attribute(IFLA.mtu, u32(mtu)))
      socket.request(
        [message(RTM.newLink, CREATE, interfaceInfo(0, IFF_UP, IFF_UP), ...parts)],
        `create bridge ${name}`,
      )
      return created(name)
    },
    createVeth(veth) {
      socket.request([vethMessage(veth)], `create veth ${veth.name}`)
      const link = created(veth.name)
      if (veth.hairpin) socket.request([hairpinMessage(link.index)], `hairpin of ${veth.name}`)
      return link
    },
    setLink: (index, change) => void socket.request([linkMessage(index, change)], `set link ${index}`),
    deleteLink: (index) => void socket.request([message(RTM.delLink, 0, interfaceInfo(index))], `delete link ${index}`),
    addresses: () =>
      socket
        .request([message(RTM.getAddr, NLM_F.dump, Buffer.alloc(8))], 'list addresses')
        .map(({ payload }) => parseAddress(payload)),
    addAddress: (index, request) =>
      void socket.request([addressMessage(RTM.newAddr, index, request)], `add ${request.address}`),
    deleteAddress: (index, request) =>
      void socket.request([addressMessage(RTM.delAddr, index, request)], `delete ${request.address}`),
    routes: () =>
      socket
        .request([message(RTM.getRoute, NLM_F.dump, Buffer.alloc(12))], 'list routes')
        .map(({ payload }) => parseRoute(payload)),
    addRoute: (request) =>
      void socket.request([routeMessage(request)], `add route ${request.destination ?? 'default'}`),
    configureInterface(request) {
      const link = created(request.name)
      socket.request(interfaceMessages(link.index, request), `configure ${request.name}`)
    },
    close: socket.close,
    [Symbol.dispose]: socket.close,
  }
}

function interfaceMessages(
  index: number,
  { rename, addresses, gateway, gateway6, routes = [] }: InterfaceRequest,
): Buffer[] {
  return [
    linkMessage(1, { up: true }),
    linkMessage(index, { up: true, ...(rename ? { name: rename } : {}) }),
    ...addresses.map((address) => addressMessage(RTM.newAddr, index, address)),
    ...[gateway, gateway6]
      .filter((address) => address !== undefined)
      .map((address) => routeMessage({ gateway: address, index })),
    ...routes.map(routeMessage),
  ]
}

function interfaceInfo(index: number, flags = 0, change = 0, family = 0): Buffer {
  const bytes = Buffer.alloc(16)
  bytes[0] = family
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt32LE(flags, 8)
  bytes.writeUInt32LE(change, 12)
  return bytes
}

function linkMessage(index: number, { up, master, name, mac, mtu }: LinkChange): Buffer {
  const parts: Buffer[] = []
  if (name !== undefined) parts.push(attribute(IFLA.ifname, text(name)))
  if (mac !== undefined) parts.push(attribute(IFLA.address, macBytes(mac)))
  if (mtu !== undefined) parts.push(attribute(IFLA.mtu, u32(mtu)))
  if (master !== undefined) parts.push(attribute(IFLA.master, u32(master)))
  const info = up === undefined ? interfaceInfo(index) : interfaceInfo(index, up ? IFF_UP : 0, IFF_UP)
  return message(RTM.newLink, 0, info, ...parts)
}

function vethMessage({ name, peer, peerNetns, master, mtu = 1500, mac, peerMac }: VethRequest): Buffer {
  // IFF_UP on the peer would fail with ENOTCONN here: it is set up from inside.
  const inside = [
    attribute(IFLA.ifname, text(peer)),
    attribute(IFLA.mtu, u32(mtu)),
    attribute(IFLA.netNsFd, u32(peerNetns)),
  ]
  if (peerMac) inside.push(attribute(IFLA.address, macBytes(peerMac)))
  const outside = [attribute(IFLA.ifname, text(name)), attribute(IFLA.mtu, u32(mtu))]
  if (mac) outside.push(attribute(IFLA.address, macBytes(mac)))
  if (master !== undefined) outside.push(attribute(IFLA.master, u32(master)))
  const data = nested(IFLA_INFO.data, nested(VETH_INFO_PEER, interfaceInfo(0), ...inside))
  const linkinfo = nested(IFLA.linkinfo, attribute(IFLA_INFO.kind, text('veth')), data)
  return message(RTM.newLink, CREATE, interfaceInfo(0, IFF_UP, IFF_UP), ...outside, linkinfo)
}

function hairpinMessage(index: number): Buffer {
  const port = nested(IFLA.protinfo | 0x8000, attribute(IFLA_BRPORT_MODE, Buffer.from([1])))
  // Not RTM_NEWLINK, which answers well and does nothing for this family.
  return message(RTM.setLink, 0, interfaceInfo(index, 0, 0, AF_BRIDGE), port)
}

function addressMessage(type: number, index: number, { address, prefix, broadcast }: AddressRequest): Buffer {
  const six = isIPv6(address)
  const header = Buffer.alloc(8)
  header[0] = six ? 10 : 2
  header[1] = prefix
  // IFA_F_NODAD: an address of ours is ours; waiting a second for duplicates would only delay the container.
  header[2] = six ? 0x02 : 0
  header.writeUInt32LE(index, 4)
  const bytes = addressBytes(address)
  const parts = [attribute(2, bytes), attribute(1, bytes)]
  if (broadcast !== undefined) parts.push(attribute(4, addressBytes(broadcast)))
  return message(type, type === RTM.newAddr ? CREATE : 0, header, ...parts)
}

function routeMessage({ destination, gateway, index, scope = 'universe' }: RouteRequest): Buffer {
  const [target, length] = destination?.split('/') ?? []
  const six = isIPv6(target ?? gateway ?? '')
  const header = Buffer.alloc(12)
  header[0] = six ? 10 : 2
  header[1] = target === undefined ? 0 : Number(length)
  header[4] = 254 // the main table
  header[5] = 3 // protocol boot, as ip(8) writes
  header[6] = scope === 'link' ? 253 : 0
  header[7] = 1 // unicast
  const parts: Buffer[] = []
  if (target !== undefined) parts.push(attribute(1, addressBytes(target)))
  if (gateway !== undefined) parts.push(attribute(5, addressBytes(gateway)))
  if (index !== undefined) parts.push(attribute(4, u32(index)))
  return message(RTM.newRoute, CREATE, header, ...parts)
}
