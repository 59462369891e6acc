export interface Link {
  readonly index: number
  readonly name: string
  /** Colon-separated lower-case hex; empty for links without one. */
  readonly mac: string
  readonly mtu: number
  /** Administratively up. */
  readonly up: boolean
  /** Index of the bridge it belongs to. */
  readonly master?: number
  /** `bridge`, `veth`, … ; undefined for physical links and lo. */
  readonly kind?: string
}

export interface LinkAddress {
  readonly index: number
  readonly family: 4 | 6
  readonly address: string
  readonly prefix: number
  /** `global`, `site`, `link`, `host` or the number. */
  readonly scope: string
}

export interface Route {
  readonly family: 4 | 6
  /** `default` or CIDR. */
  readonly destination: string
  readonly gateway?: string
  readonly index?: number
  readonly table: number
}

export interface AddressOptions {
  readonly address: string
  readonly prefix: number
  readonly broadcast?: string
}

export interface RouteOptions {
  /** CIDR; the default route when absent. */
  readonly destination?: string
  readonly gateway?: string
  readonly index?: number
  readonly scope?: 'link' | 'universe'
}

export interface LinkChange {
  readonly up?: boolean
  /** Index of a bridge; 0 takes the link out of its bridge. */
  readonly master?: number
  readonly name?: string
  readonly mac?: string
  readonly mtu?: number
}

export interface BridgeOptions {
  readonly name: string
  readonly mac?: string
  readonly mtu?: number
  readonly addresses?: readonly AddressOptions[]
}

export interface VethOptions {
  /** Name of the end that stays here. */
  readonly name: string
  /** Name of the other end inside `peerNetns`. */
  readonly peer: string
  /** fd of the other end's namespace. */
  readonly peerNetns: number
  /** Index of the bridge that takes the host end. */
  readonly master?: number
  readonly mtu?: number
  readonly mac?: string
  readonly peerMac?: string
  /** Lets the bridge send frames back out of the port they came from. */
  readonly hairpin?: boolean
}

export interface InterfaceOptions {
  readonly name: string
  /** New name. */
  readonly rename?: string
  readonly mac?: string
  readonly addresses: readonly AddressOptions[]
  /** IPv4 and IPv6 default gateways. */
  readonly gateway?: string
  readonly gateway6?: string
  /** Further routes, after the default ones; `index` is filled in. */
  readonly routes?: readonly RouteOptions[]
}

/** The verbs that can travel together. */
export interface RtnetlinkBatch {
  setLink(index: number, change: LinkChange): void
  deleteLink(index: number): void
  addAddress(index: number, address: AddressOptions): void
  deleteAddress(index: number, address: AddressOptions): void
  addRoute(route: RouteOptions): void
  deleteRoute(route: RouteOptions): void
}

/**
 * A routing socket of one network namespace. Calls block for the microseconds that the kernel takes. Failures are
 * KernelErrors with the kernel's own text when it gives one: `EEXIST` for what is there, `ENODEV`, `ESRCH`,
 * `EADDRNOTAVAIL` for what is not.
 */
export interface Rtnetlink extends RtnetlinkBatch, Disposable {
  linkByName(name: string): Link | undefined
  links(): readonly Link[]
  /** The bridge is up when this returns; it is taken away again when an address fails. */
  createBridge(options: BridgeOptions): Link
  /** The host end is up and enslaved; the peer is down until it is configured from inside. Returns the host end. */
  createVeth(options: VethOptions): Link
  /** Waits for the kernel's cleanup, about 30 ms: on hot paths drop the namespace instead. */
  deleteLink(index: number): void
  /** The same off the event loop. */
  deleteLinkAsync(index: number): Promise<void>
  addresses(): readonly LinkAddress[]
  /** Unicast routes of all tables. */
  routes(): readonly Route[]
  /** Sends all that `work` asks for in one go. The kernel goes on after a failure; the first one is thrown. */
  batch(work: (batch: RtnetlinkBatch) => void): void
  /** Inside a fresh container namespace: lo up, name, addresses, link up and routes, in one batch. */
  configureInterface(options: InterfaceOptions): Link
  close(): void
}
