import type { Endpoint, Network } from './contract.ts'

/** What one kind of network does on the host and in a container's namespace. All of it synchronous and quick. */
export interface Driver {
  /** Makes the host's side of the network, or repairs it. Fails with `unavailable` and one clear line. */
  prepare(network: Network): void
  /** Gives the namespace its interface; with `isGateway` the default route too. */
  connect(endpoint: Endpoint, options: { network: Network; netns: number; isGateway: boolean }): void
  /** Makes a connected endpoint's network that of the default route. */
  routeThrough(endpoint: Endpoint, netns: number): void
  /** Repairs what belongs to a running endpoint after a restart of the daemon. */
  adopt(endpoint: Endpoint, network: Network): void
  /** Cuts the endpoint off at once; the kernel takes the rest away with the namespace. Absent is fine. */
  disconnect(endpoint: Endpoint): void
  /** Takes the interface out of a namespace that goes on. Takes some 30 ms. Absent is fine. */
  remove(endpoint: Endpoint): void
  /** Removes host interfaces of the network that are ours and not in `kept`. Takes some 30 ms for each. */
  removeStrays(network: Network, kept: ReadonlySet<string>): void
  /** Takes the host's side of the network away. Nobody is on it. Absent is fine. */
  dismantle(network: Network): void
}

/** For the networks that need nothing done: `host` and `none`. */
export const idleDriver: Driver = {
  prepare: () => undefined,
  connect: () => undefined,
  routeThrough: () => undefined,
  adopt: () => undefined,
  disconnect: () => undefined,
  remove: () => undefined,
  removeStrays: () => undefined,
  dismantle: () => undefined,
}

export type Drivers = Readonly<Record<Network['driver'], Driver>>
