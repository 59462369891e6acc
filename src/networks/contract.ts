import type { Timestamp } from '../base/index.ts'

export const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export interface Subnet {
  readonly subnet: string
  readonly gateway?: string
  readonly ipRange?: string
  readonly auxAddresses?: Readonly<Record<string, string>>
}

export interface Network {
  readonly id: string
  readonly name: string
  readonly driver: 'bridge' | 'host' | 'null'
  readonly created: Timestamp
  readonly ipv4: boolean
  readonly ipv6: boolean
  readonly internal: boolean
  readonly attachable: boolean
  readonly ipam: {
    readonly driver: string
    readonly subnets: readonly Subnet[]
    readonly options: Readonly<Record<string, string>>
  }
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
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
  /** 'host', 'none' or the attachments; the first one gives the default route. */
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
  endpointsOf(networkId: string): readonly Endpoint[]
  sandboxOf(containerId: string): Sandbox | undefined
  /**
   * Reserves addresses and ports, records them, and makes the netns (lo up). Nothing is linked yet, so that the
   * runtime can be started meanwhile. A taken port is `internal` with Docker's text; everything is undone on failure.
   */
  open(request: SandboxRequest): Promise<Sandbox>
  /** Links the sandbox: veths, addresses, routes, published ports. Synchronous and quick (about 2 ms). */
  connect(containerId: string): Sandbox
  /** Takes everything back: ports, addresses, netns, records. Idempotent; never waits for the kernel's veth cleanup. */
  release(containerId: string): Promise<void>
  /** After a restart: keeps the sandboxes of `running`, re-publishes their ports, removes everything else of ours. */
  reconcile(running: ReadonlySet<string>): Promise<void>
  /** Content of /etc/resolv.conf for a container. */
  resolvConf(options: {
    readonly mode: SandboxRequest['mode']
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
