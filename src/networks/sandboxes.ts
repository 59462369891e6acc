import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { failure, type Log, messageOf, shortId } from '../base/index.ts'
import { closeFd, createNetns, flushConntrack, openNetns, removeNetns } from '../kernel/index.ts'
import { parseAddress } from './address.ts'
import type { Addresses } from './addresses.ts'
import { bridgeOf } from './bridge-options.ts'
import type { Attachment, Endpoint, Network, NetworkEvent, PortRequest, Sandbox, SandboxRequest } from './contract.ts'
import { createResolvers } from './dns/resolvers.ts'
import type { Driver } from './driver.ts'
import { createEndpoints, freeIndex, gatewayOf, verifyMixture } from './endpoints.ts'
import type { Firewall } from './firewall.ts'
import { createInterfaceNames } from './interface-names.ts'
import type { Ports, Reservation } from './ports.ts'
import type { SandboxRecord, SandboxRecords } from './records.ts'
import type { PublishRule } from './ruleset.ts'

export interface SandboxesOptions {
  readonly records: SandboxRecords
  /** The folder of the namespaces. */
  readonly folder: string
  readonly addresses: Addresses
  readonly ports: Ports
  readonly drivers: Readonly<Record<Network['driver'], Driver>>
  readonly firewall: Firewall
  readonly networks: () => readonly Network[]
  /** By name, id or prefix of one; `not-found` when there is none. */
  readonly networkOf: (nameOrId: string) => Network
  /** The host's own name servers. */
  readonly hostServers: () => readonly string[]
  readonly log: Log
  readonly emit: (event: NetworkEvent) => void
}

/**
 * The places of running containers on the networks, from `open` to `release`. See the contract of Networks. Disposing
 * of it lets go of the sockets held here; the sandboxes stay.
 */
export interface Sandboxes extends Disposable {
  all(): readonly SandboxRecord[]
  get(containerId: string): Sandbox | undefined
  open(request: SandboxRequest): Sandbox
  connect(containerId: string): Sandbox
  attach(containerId: string, attachment: Attachment): Sandbox
  detach(containerId: string, networkId: string): Sandbox
  rename(containerId: string, name: string): void
  /** Takes over a sandbox that an earlier daemon connected: its devices are repaired, its ports held again. */
  adopt(containerId: string): void
  release(containerId: string): void
}

/** What this daemon alone knows of a sandbox. */
interface Held {
  record: SandboxRecord
  fds: readonly number[]
}

export function createSandboxes(options: SandboxesOptions): Sandboxes {
  const { records, folder, addresses, ports, drivers, firewall, networks, networkOf, log, emit } = options
  const places = createEndpoints({ addresses, names: createInterfaceNames(), networkOf })
  const sandboxes = new Map<string, Held>()
  const resolvers = createResolvers({ list: all, hostServers: options.hostServers, log })
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  for (const record of records.all()) load(record)

  function all(): SandboxRecord[] {
    return [...sandboxes.values()].map(({ record }) => record)
  }

  /** Names are answered as long as the container is on a network that has some. */
  function settleResolver(record: SandboxRecord): void {
    const { netns } = record
    if (netns !== undefined) resolvers.settle(record, (work) => withNetns(netns, work))
  }

  /** Notes what the sandbox holds, so that it is given to nobody else even before it is adopted or released. */
  function load(record: SandboxRecord): void {
    const { containerId: id, endpoints } = record
    if (!endpoints.every(({ networkId }) => networks().some((network) => network.id === networkId))) {
      log.warn({ id }, 'dropped the record of a sandbox on a network that no longer exists')
      records.remove(id)
      return
    }
    sandboxes.set(id, { record, fds: [] })
    ports.adopt(record.ports)
    for (const { networkId, address } of endpoints) {
      if (address !== '') addresses.adopt(networkOf(networkId), address)
    }
  }

  function open(request: SandboxRequest): Sandbox {
    const { containerId, containerName, mode, hostname, dns, ports: portRequests } = request
    if (sandboxes.has(containerId)) throw failure('conflict', `container ${containerId} has a network sandbox already`)
    using undo = new DisposableStack()
    const endpoints = attachmentsOf(request).map((attachment, index) => {
      const endpoint = places.create(attachment, { ...request, index })
      undo.defer(() => places.free(endpoint))
      return endpoint
    })
    const reservation = reservePorts(request, endpoints)
    undo.defer(() => giveBack(reservation))
    const netns = mode === 'host' ? undefined : join(folder, shortId(containerId))
    const record = {
      ...{ containerId, containerName, mode, netns, endpoints, ports: reservation.ports, portRequests },
      ...(hostname !== undefined && { hostname }),
      ...(dns && { dns }),
    }
    // Recorded before it is made: whatever happens, the next daemon knows what to look for.
    records.put(record)
    undo.defer(() => records.remove(containerId))
    if (netns !== undefined) createNetns(netns)
    sandboxes.set(containerId, { record, fds: reservation.fds })
    undo.move()
    return sandboxOf(record, reservation.fds)
  }

  function reservePorts(
    { ports: requests, containerName }: Pick<SandboxRequest, 'ports' | 'containerName'>,
    endpoints: readonly Endpoint[],
  ): Reservation {
    const endpoint = gatewayOf(endpoints)
    if (!endpoint || requests.length === 0) return { ports: [], fds: [] }
    const { hostBinding } = bridgeOf(networkOf(endpoint.networkId))
    try {
      const bound = requests.map((request) => withHostAddress(request, hostBinding))
      return ports.reserve(bound, { containerAddress: endpoint.address })
    } catch (cause) {
      const what = `driver failed programming external connectivity on endpoint ${containerName} (${endpoint.id})`
      throw failure('internal', `${what}: ${messageOf(cause)}`, { cause })
    }
  }

  function giveBack({ ports: published, fds }: Reservation): void {
    for (const fd of fds) closeFd(fd)
    ports.free(published)
  }

  function heldOf(containerId: string): Held {
    const held = sandboxes.get(containerId)
    if (!held) throw failure('not-found', `container ${containerId} has no network sandbox`)
    return held
  }

  function connect(containerId: string): Sandbox {
    const held = heldOf(containerId)
    const { record } = held
    if (record.netns !== undefined) connectEndpoints(record, record.netns)
    settleResolver(record)
    const rules = rulesOf(record)
    firewall.publish(rules)
    forgetFlows(rules)
    closeHeld(held)
    announce('connect', record)
    return sandboxOf(record, [])
  }

  function connectEndpoints({ endpoints }: SandboxRecord, path: string): void {
    withNetns(path, (netns) => {
      const gateway = gatewayOf(endpoints)
      for (const endpoint of endpoints) {
        const network = networkOf(endpoint.networkId)
        drivers[network.driver].connect(endpoint, { network, netns, isGateway: endpoint === gateway })
      }
    })
  }

  function attach(containerId: string, attachment: Attachment): Sandbox {
    const held = heldOf(containerId)
    const { record } = held
    const network = networkOf(attachment.network)
    const path = assertAttachable(record, network)
    using undo = new DisposableStack()
    const endpoint = places.create(attachment, { ...record, index: freeIndex(record.endpoints) })
    undo.defer(() => places.free(endpoint))
    const endpoints = [...record.endpoints, endpoint]
    const reservation =
      record.ports.length > 0
        ? { ports: record.ports, fds: [] }
        : reservePorts({ ...record, ports: record.portRequests ?? [] }, endpoints)
    if (record.ports.length === 0) undo.defer(() => giveBack(reservation))
    const next = { ...record, endpoints, ports: reservation.ports }
    // Recorded before it is made: the next daemon must know whose address and device that is.
    records.put(next)
    undo.defer(() => records.put(record))
    undo.defer(() => {
      if (held.record !== record) become(held, record)
      settleResolver(record)
    })
    undo.defer(() => drivers[network.driver].remove(endpoint))
    withNetns(path, (netns) => drivers[network.driver].connect(endpoint, { network, netns, isGateway: false }))
    become(held, next)
    settleResolver(next)
    held.fds = [...held.fds, ...reservation.fds]
    undo.move()
    emit({ action: 'connect', network, containerId })
    return sandboxOf(next, [])
  }

  /** The path of the namespace that one more interface can go into. */
  function assertAttachable({ netns, mode, endpoints, containerName }: SandboxRecord, network: Network): string {
    verifyMixture(mode, network)
    if (netns === undefined) throw new TypeError('a sandbox of a bridge network has no namespace')
    if (endpoints.some(({ networkId }) => networkId === network.id)) {
      throw failure('forbidden', `endpoint with name ${containerName} already exists in network ${network.name}`)
    }
    return netns
  }

  function detach(containerId: string, networkId: string): Sandbox {
    const held = heldOf(containerId)
    const { record } = held
    const network = networkOf(networkId)
    const endpoint = record.endpoints.find((other) => other.networkId === network.id)
    if (!endpoint) {
      throw failure('not-found', `container ${containerId} is not connected to network ${network.name}`)
    }
    const next = { ...record, endpoints: record.endpoints.filter((other) => other !== endpoint) }
    drivers[network.driver].remove(endpoint)
    become(held, next)
    settleResolver(next)
    records.put(next)
    places.free(endpoint)
    emit({ action: 'disconnect', network, containerId })
    return sandboxOf(next, [])
  }

  /** Moves default route and published ports to where they are after a change of endpoints. */
  function become(held: Held, next: SandboxRecord): void {
    const { record } = held
    const gateway = gatewayOf(next.endpoints)
    const before = rulesOf(record)
    held.record = next
    if (gateway === gatewayOf(record.endpoints)) return
    const { netns } = next
    if (gateway && netns !== undefined) {
      const { driver } = networkOf(gateway.networkId)
      withNetns(netns, (fd) => drivers[driver].routeThrough(gateway, fd))
    }
    const rules = rulesOf(next)
    firewall.unpublish(before)
    firewall.publish(rules)
    forgetFlows(before.concat(rules))
  }

  function rename(containerId: string, name: string): void {
    const held = sandboxes.get(containerId)
    if (!held) return
    const { record } = held
    const endpoints = record.endpoints.map((endpoint) => ({
      ...endpoint,
      dnsNames: endpoint.dnsNames.map((known) => (known === record.containerName ? name : known)),
    }))
    held.record = { ...record, containerName: name, endpoints }
    resolvers.invalidate()
    records.put(held.record)
  }

  function adopt(containerId: string): void {
    const held = heldOf(containerId)
    for (const endpoint of held.record.endpoints) {
      const network = networkOf(endpoint.networkId)
      drivers[network.driver].adopt(endpoint, network)
    }
    settleResolver(held.record)
    closeHeld(held)
    held.fds = ports.hold(held.record.ports)
  }

  function release(containerId: string): void {
    const held = sandboxes.get(containerId)
    if (!held) return
    const { record } = held
    const rules = rulesOf(record)
    // Out of the map first: a firewall that has to load everything anew must not publish these again.
    sandboxes.delete(containerId)
    resolvers.close(containerId)
    firewall.unpublish(rules)
    forgetFlows(rules)
    for (const endpoint of record.endpoints) {
      drivers[networkOf(endpoint.networkId).driver].disconnect(endpoint)
      places.free(endpoint)
    }
    if (record.netns !== undefined) removeNetns(record.netns)
    closeHeld(held)
    ports.free(record.ports)
    records.remove(containerId)
    announce('disconnect', record)
  }

  function closeHeld(held: Held): void {
    for (const fd of held.fds) closeFd(fd)
    held.fds = []
  }

  function announce(action: 'connect' | 'disconnect', { containerId, endpoints }: SandboxRecord): void {
    for (const { networkId } of endpoints) emit({ action, network: networkOf(networkId), containerId })
  }

  /** A UDP client keeps reaching whoever had the port when its flow began, unless the kernel forgets the flow. */
  function forgetFlows(rules: readonly PublishRule[]): void {
    const udp = rules.filter(({ protocol }) => protocol === 'udp')
    if (udp.length === 0) return
    const hostPorts = new Set(udp.map(({ hostPort }) => hostPort))
    const count = flushConntrack({ protocol: 'udp', hostPorts })
    if (count > 0) log.debug({ count }, 'flows of moved UDP ports forgotten')
  }

  return {
    all,
    get(containerId) {
      const held = sandboxes.get(containerId)
      return held && sandboxOf(held.record, held.fds)
    },
    open,
    connect,
    attach,
    detach,
    rename,
    adopt,
    release,
    [Symbol.dispose]() {
      resolvers[Symbol.dispose]()
      for (const held of sandboxes.values()) closeHeld(held)
    },
  }
}

function withNetns(path: string, work: (fd: number) => void): void {
  const fd = openNetns(path)
  try {
    work(fd)
  } finally {
    closeFd(fd)
  }
}

/** The published ports of a sandbox as rules: they lead to the network of its default route. */
export function rulesOf({ endpoints, ports }: SandboxRecord): PublishRule[] {
  const endpoint = gatewayOf(endpoints)
  return endpoint ? ports.map((port) => ({ ...port, containerAddress: endpoint.address })) : []
}

function sandboxOf(record: SandboxRecord, reservations: readonly number[]): Sandbox {
  const { containerId, netns, endpoints, ports } = record
  return { containerId, netns, endpoints, ports, reservations }
}

function attachmentsOf({ mode, attachments }: SandboxRequest): readonly Attachment[] {
  if (mode === 'bridge') return attachments
  return [{ network: mode, aliases: [], links: [], driverOptions: {} }]
}

function withHostAddress(request: PortRequest, hostBinding: string): PortRequest {
  const hostAddress = request.hostAddress === '' ? hostBinding : request.hostAddress
  const address = parseAddress(hostAddress)
  if (!address) throw failure('invalid', `invalid host address: ${hostAddress}`)
  if (address.family === 6) {
    throw failure(
      'unsupported',
      `cannot publish port ${request.containerPort} on [${hostAddress}]: the container has no IPv6 address`,
    )
  }
  return { ...request, hostAddress }
}
