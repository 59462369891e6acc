import type { Timestamp } from '../base/index.ts'

export const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export interface Subnet {
  readonly subnet: string
  readonly gateway?: string
  readonly ipRange?: string
  readonly auxAddresses?: Readonly<Record<string, string>>
  /** The engine chose it out of its pools: nobody may ask for an address of it. */
  readonly fromPool?: boolean
}

/** A network that somebody wants. */
export interface NetworkRequest {
  readonly name: string
  /** Empty: `bridge`. */
  readonly driver: string
  readonly ipv4: boolean
  readonly ipv6: boolean
  readonly internal: boolean
  readonly attachable: boolean
  readonly ipam: {
    /** Empty: `default`. */
    readonly driver: string
    /** None: the next free subnet of the pools. */
    readonly subnets: readonly Subnet[]
    readonly options: Readonly<Record<string, string>>
  }
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** A network that exists. */
export interface Network extends Omit<NetworkRequest, 'driver'> {
  readonly id: string
  readonly driver: 'bridge' | 'host' | 'null'
  readonly created: Timestamp
}

/** A wish to publish one container port. */
export interface PortRequest {
  readonly containerPort: number
  readonly protocol: Protocol
  /** Empty: all addresses of the host, IPv4 and IPv6. */
  readonly hostAddress: string
  /** A range of candidates; 0-0 lets the engine pick from the ephemeral range. */
  readonly hostPort: { readonly first: number; readonly last: number }
}

export interface PublishedPort {
  readonly containerPort: number
  readonly protocol: Protocol
  readonly hostAddress: string
  readonly hostPort: number
}

/** How a container wants to be on a network. */
export interface Attachment {
  /** Name or id. */
  readonly network: string
  readonly address?: string
  readonly address6?: string
  readonly macAddress?: string
  readonly aliases: readonly string[]
  readonly links: readonly string[]
  readonly driverOptions: Readonly<Record<string, string>>
  /** The network with the highest one gives the default route; among equals the first by name. Default 0. */
  readonly gatewayPriority?: number
}

/** A container's place on one network while it runs. */
export interface Endpoint {
  readonly id: string
  readonly networkId: string
  readonly networkName: string
  readonly containerId: string
  readonly interfaceName: string
  readonly hostInterface: string
  readonly macAddress: string
  readonly address: string
  readonly prefix: number
  readonly gateway: string
  readonly address6: string
  readonly prefix6: number
  readonly gateway6: string
  readonly dnsNames: readonly string[]
  readonly gatewayPriority?: number
}

export interface Sandbox {
  readonly containerId: string
  /** The network namespace's path for the runtime; undefined when the container shares the host's. */
  readonly netns: string | undefined
  readonly endpoints: readonly Endpoint[]
  readonly ports: readonly PublishedPort[]
  /** Bound sockets that reserve the published ports: handed to conmon, closed here once `connect` has run. */
  readonly reservations: readonly number[]
}

export interface SandboxRequest {
  readonly containerId: string
  readonly containerName: string
  /** A further name on networks of one's own. */
  readonly hostname?: string
  /** Name servers to ask instead of the host's. */
  readonly dns?: readonly string[]
  /** 'host', 'none' or the attachments, in the order of their interfaces. */
  readonly mode: 'host' | 'none' | 'bridge'
  readonly attachments: readonly Attachment[]
  readonly ports: readonly PortRequest[]
}

export interface NetworkEvent {
  readonly action: 'create' | 'connect' | 'disconnect' | 'destroy'
  readonly network: Network
  readonly containerId?: string
}

export interface Networks {
  /** Makes or repairs the default bridge, our nft table, ip_forward and route_localnet. Fails with one clear line. */
  start(): Promise<void>
  list(): readonly Network[]
  /** By name, id or unique id prefix. `not-found`: `network x not found`. */
  get(nameOrId: string): Network
  /**
   * Makes a network, to stay until it is removed. `invalid`, `forbidden` (overlapping subnets, names of ours),
   * `conflict` (a name in use) and `unsupported` with Docker's texts; then nothing is left.
   */
  create(request: NetworkRequest): Network
  /** Removes an unused network. `forbidden` with Docker's texts when it is in use or one of the three that always are. */
  remove(nameOrId: string): void
  endpointsOf(networkId: string): readonly Endpoint[]
  sandboxOf(containerId: string): Sandbox | undefined
  /**
   * Reserves addresses and ports, records them, and makes the netns (lo up). Nothing is linked yet, so that the
   * runtime can be started meanwhile. A taken port is `internal` with Docker's text; everything is undone on failure.
   */
  open(request: SandboxRequest): Promise<Sandbox>
  /** Links the sandbox: veths, addresses, routes, published ports. Synchronous and quick (about 2 ms). */
  connect(containerId: string): Sandbox
  /**
   * Refuses what can never be had on that network: `invalid` with Docker's texts. A network that is not there is fine.
   * With `mode` that of a container that is to join the network.
   */
  verify(attachment: Attachment, options?: { readonly mode?: SandboxRequest['mode'] }): void
  /**
   * Puts a connected sandbox on one more network, with a further interface, and moves default route and published ports
   * when that network is to have them. `forbidden` when it is there already; everything is undone on failure.
   */
  attach(containerId: string, attachment: Attachment): Sandbox
  /** Takes a sandbox off a network, as `attach` in reverse. `not-found` when it is not on it. Blocks for some 30 ms. */
  detach(containerId: string, networkId: string): Sandbox
  /** The container has another name: so it is called on its networks from now on. Without a sandbox nothing happens. */
  rename(containerId: string, name: string): void
  /** Takes everything back: ports, addresses, netns, records. Idempotent; never waits for the kernel's veth cleanup. */
  release(containerId: string): Promise<void>
  /** After a restart: keeps the sandboxes of `running`, re-publishes their ports, removes everything else of ours. */
  reconcile(running: ReadonlySet<string>): Promise<void>
  /** Content of /etc/resolv.conf for a container. */
  resolvConf(options: {
    readonly mode: SandboxRequest['mode']
    /** On a network of one's own the engine answers itself, and asks `dns` or the host's servers for the rest. */
    readonly endpoints?: readonly Endpoint[]
    readonly dns: readonly string[]
    readonly search: readonly string[]
    readonly options: readonly string[]
  }): string
  /** Content of /etc/hosts for a container; `extra` are `name:address` entries of --add-host. */
  hosts(options: {
    readonly mode: SandboxRequest['mode']
    readonly hostname: string
    readonly domainname: string
    readonly endpoints: readonly Endpoint[]
    readonly extra: readonly string[]
  }): string
  /** What the person should know about this host's firewall, one sentence each; for `info`. Looks anew at each call. */
  warnings(): readonly string[]
  /** Lets go. Running sandboxes stay for the next daemon, with bridges and rules; without any, those leave the host too. */
  close(): Promise<void>
}
