import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { failure, type Log, messageOf, newId, shortId } from '../base/index.ts'
import { closeFd, createNetns, flushConntrack, openNetns, removeNetns } from '../kernel/index.ts'
import { macOf, parseAddress } from './address.ts'
import type { Addresses } from './addresses.ts'
import { bridgeOf } from './bridge-options.ts'
import type { Attachment, Endpoint, Network, NetworkEvent, PortRequest, Sandbox, SandboxRequest } from './contract.ts'
import type { Driver } from './driver.ts'
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
  /** Takes over a sandbox that an earlier daemon connected: its devices are repaired, its ports held again. */
  adopt(containerId: string): void
  release(containerId: string): void
}

/** What this daemon alone knows of a sandbox. */
interface Held {
  readonly record: SandboxRecord
  fds: readonly number[]
}

export function createSandboxes(options: SandboxesOptions): Sandboxes {
  const { records, folder, addresses, ports, drivers, firewall, networks, networkOf, log, emit } = options
  const names = createInterfaceNames()
  const sandboxes = new Map<string, Held>()
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  for (const record of records.all()) load(record)

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
    const { containerId, containerName, mode } = request
    if (sandboxes.has(containerId)) throw failure('conflict', `container ${containerId} has a network sandbox already`)
    using undo = new DisposableStack()
    const endpoints = attachmentsOf(request).map((attachment, index) => {
      const endpoint = createEndpoint(attachment, { request, index })
      undo.defer(() => freeAddress(endpoint))
      return endpoint
    })
    const reservation = reservePorts(request, endpoints)
    undo.defer(() => giveBack(reservation))
    const netns = mode === 'host' ? undefined : join(folder, shortId(containerId))
    const record = { containerId, containerName, mode, netns, endpoints, ports: reservation.ports }
    // Recorded before it is made: whatever happens, the next daemon knows what to look for.
    records.put(record)
    undo.defer(() => records.remove(containerId))
    if (netns !== undefined) createNetns(netns)
    sandboxes.set(containerId, { record, fds: reservation.fds })
    undo.move()
    return sandboxOf(record, reservation.fds)
  }

  function createEndpoint(
    attachment: Attachment,
    { request, index }: { request: SandboxRequest; index: number },
  ): Endpoint {
    const network = networkOf(attachment.network)
    const base = {
      id: newId(),
      networkId: network.id,
      networkName: network.name,
      containerId: request.containerId,
      address6: '',
      prefix6: 0,
      gateway6: '',
      dnsNames: [],
    }
    if (network.driver !== 'bridge') {
      return { ...base, interfaceName: '', hostInterface: '', macAddress: '', address: '', prefix: 0, gateway: '' }
    }
    const { gateway, prefix } = bridgeOf(network)
    const address = addresses.take(network, attachment.address)
    return {
      ...base,
      interfaceName: `eth${index}`,
      hostInterface: names.next(request.containerId),
      macAddress: attachment.macAddress ?? macOf(address),
      address,
      prefix,
      gateway,
    }
  }

  function freeAddress({ networkId, address }: Endpoint): void {
    if (address !== '') addresses.release(networkOf(networkId), address)
  }

  function reservePorts(
    { ports: requests, containerName }: SandboxRequest,
    endpoints: readonly Endpoint[],
  ): Reservation {
    const [endpoint] = endpoints
    if (!endpoint || endpoint.address === '' || requests.length === 0) return { ports: [], fds: [] }
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

  function connect(containerId: string): Sandbox {
    const held = sandboxes.get(containerId)
    if (!held) throw failure('not-found', `container ${containerId} has no network sandbox`)
    const { record } = held
    if (record.netns !== undefined) connectEndpoints(record, record.netns)
    const rules = rulesOf(record)
    firewall.publish(rules)
    forgetFlows(rules)
    closeHeld(held)
    announce('connect', record)
    return sandboxOf(record, [])
  }

  function connectEndpoints({ endpoints }: SandboxRecord, path: string): void {
    const netns = openNetns(path)
    try {
      for (const [index, endpoint] of endpoints.entries()) {
        const network = networkOf(endpoint.networkId)
        drivers[network.driver].connect(endpoint, { network, netns, isFirst: index === 0 })
      }
    } finally {
      closeFd(netns)
    }
  }

  function adopt(containerId: string): void {
    const held = sandboxes.get(containerId)
    if (!held) throw failure('not-found', `container ${containerId} has no network sandbox`)
    for (const endpoint of held.record.endpoints) {
      const network = networkOf(endpoint.networkId)
      drivers[network.driver].adopt(endpoint, network)
    }
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
    firewall.unpublish(rules)
    forgetFlows(rules)
    for (const endpoint of record.endpoints) {
      drivers[networkOf(endpoint.networkId).driver].disconnect(endpoint)
      freeAddress(endpoint)
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
    all: () => [...sandboxes.values()].map(({ record }) => record),
    get(containerId) {
      const held = sandboxes.get(containerId)
      return held && sandboxOf(held.record, held.fds)
    },
    open,
    connect,
    adopt,
    release,
    [Symbol.dispose]() {
      for (const held of sandboxes.values()) closeHeld(held)
    },
  }
}

/** The published ports of a sandbox as rules: they lead to its first network. */
export function rulesOf({ endpoints, ports }: SandboxRecord): PublishRule[] {
  const [endpoint] = endpoints
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
