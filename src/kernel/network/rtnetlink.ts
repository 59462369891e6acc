import { hasCode } from '../../base/index.ts'
import { openNetlink } from '../netlink/socket.ts'
import { inNetns } from './netns.ts'
import {
  type InterfaceAddress,
  type Link,
  parseAddress,
  parseLink,
  parseRoute,
  type Route,
} from './rtnetlink-replies.ts'
import {
  type AddressRequest,
  addAddressMessage,
  type BridgeRequest,
  bridgeMessage,
  bridgePortMessage,
  deleteAddressMessage,
  deleteLinkMessage,
  type LinkChange,
  linkByNameMessage,
  linkMessage,
  listRequests,
  type RouteRequest,
  routeMessage,
  type VethRequest,
  vethMessage,
} from './rtnetlink-requests.ts'

const NETLINK_ROUTE = 0
const LOOPBACK = 1
const LONGEST_NAME = 15

export interface InterfaceRequest {
  readonly name: string
  readonly rename?: string
  readonly addresses: readonly AddressRequest[]
  readonly gateway?: string
  readonly gateway6?: string
  readonly routes?: readonly RouteRequest[]
}

/** Links, addresses and routes of one network namespace. Every verb is synchronous and throws what the kernel says. */
export interface Rtnetlink extends Disposable {
  linkByName(name: string): Link | undefined
  /** Like the other lists complete, unless it keeps changing while it is read. */
  links(): readonly Link[]
  /** A bridge that is up. EEXIST when the name is taken. */
  createBridge(bridge: BridgeRequest): Link
  /**
   * The host's end is up and enslaved when this returns, the peer is down inside its namespace. EEXIST when a name is
   * taken. Nothing is left on failure.
   */
  createVeth(veth: VethRequest): Link
  setLink(index: number, change: LinkChange): void
  /** Blocks for about 30 ms: the kernel waits for all processors. */
  deleteLink(index: number): void
  addresses(): readonly InterfaceAddress[]
  addAddress(index: number, request: AddressRequest): void
  deleteAddress(index: number, request: AddressRequest): void
  /** Those of all tables. */
  routes(): readonly Route[]
  addRoute(request: RouteRequest): void
  /** Puts a route in the place of the one to the same destination; without one it is added. */
  replaceRoute(request: RouteRequest): void
  /**
   * Brings loopback and a fresh interface up, with addresses and routes, in one exchange with the kernel. What failed is
   * thrown when all has been tried: half of it may be done then, and the namespace is fit to be dropped.
   */
  configureInterface(request: InterfaceRequest): void
  close(): void
}

/** Opens a socket in this namespace, or in the one behind `netns` (an fd). The caller closes. */
export function openRtnetlink({ netns }: { readonly netns?: number } = {}): Rtnetlink {
  const socket = netns === undefined ? openNetlink(NETLINK_ROUTE) : inNetns(netns, () => openNetlink(NETLINK_ROUTE))
  const send = (message: Buffer, what: string): void => void socket.request([message], what)

  function linkByName(name: string): Link | undefined {
    if (Buffer.byteLength(name) > LONGEST_NAME) return undefined
    try {
      const [reply] = socket.request([linkByNameMessage(name)], `link ${name}`)
      return reply && parseLink(reply)
    } catch (error) {
      if (hasCode(error, 'ENODEV')) return undefined
      throw error
    }
  }

  /** Sends a request that makes a link, and asks for the link, in one go. */
  function create(message: Buffer, { name, what }: { name: string; what: string }): Link {
    const [reply] = socket.request([message, linkByNameMessage(name)], what)
    const link = reply && parseLink(reply)
    if (!link) throw new Error(`the kernel did not show the link ${name} that it made`)
    return link
  }

  function createVeth(veth: VethRequest): Link {
    const link = create(vethMessage(veth), { name: veth.name, what: `create veth ${veth.name}` })
    if (!veth.hairpin && !veth.isolated) return link
    try {
      send(bridgePortMessage(link.index, veth), `port of ${veth.name}`)
      return link
    } catch (error) {
      deleteLink(link.index)
      throw error
    }
  }

  function deleteLink(index: number): void {
    send(deleteLinkMessage(index), `delete link ${index}`)
  }

  function configureInterface(request: InterfaceRequest): void {
    const { name, rename, addresses, gateway, gateway6, routes = [] } = request
    const link = linkByName(name)
    if (!link) throw new Error(`there is no interface ${name} to configure`)
    const { index } = link
    const gateways = [gateway, gateway6].filter((address) => address !== undefined)
    const messages = [
      linkMessage(LOOPBACK, { up: true }),
      linkMessage(index, { up: true, ...(rename === undefined ? {} : { name: rename }) }),
      ...addresses.map((address) => addAddressMessage(index, address)),
      ...gateways.map((address) => routeMessage({ gateway: address, index })),
      ...routes.map((route) => routeMessage(route)),
    ]
    socket.request(messages, `configure ${name}`)
  }

  return {
    linkByName,
    links: () => socket.dump(listRequests.links(), { what: 'list links', read: parseLink }),
    createBridge: (bridge) =>
      create(bridgeMessage(bridge), { name: bridge.name, what: `create bridge ${bridge.name}` }),
    createVeth,
    setLink: (index, change) => send(linkMessage(index, change), `set link ${index}`),
    deleteLink,
    addresses: () => socket.dump(listRequests.addresses(), { what: 'list addresses', read: parseAddress }),
    addAddress: (index, request) => send(addAddressMessage(index, request), `add ${request.address}`),
    deleteAddress: (index, request) => send(deleteAddressMessage(index, request), `delete ${request.address}`),
    routes: () => socket.dump(listRequests.routes(), { what: 'list routes', read: parseRoute }),
    addRoute: (request) => send(routeMessage(request), `add route ${request.destination ?? 'default'}`),
    replaceRoute: (request) =>
      send(routeMessage(request, { replace: true }), `replace route ${request.destination ?? 'default'}`),
    configureInterface,
    close: socket.close,
    [Symbol.dispose]: socket.close,
  }
}
