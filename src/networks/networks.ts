import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, type Database, failure, type Log, messageOf, newId, openDatabase, shortId } from '../base/index.ts'
import { openNft, openRtnetlink, type Rtnetlink, readSysctl, startThreadPool, writeSysctl } from '../kernel/index.ts'
import { type Addresses, createAddresses } from './addresses.ts'
import { createBridgeDriver } from './bridge-driver.ts'
import { bridgeOf } from './bridge-options.ts'
import type { Network, NetworkEvent, NetworkRequest, Networks } from './contract.ts'
import { type Drivers, idleDriver } from './driver.ts'
import { verifyAttachment, verifyMixture } from './endpoints.ts'
import { createFirewall, type Firewall } from './firewall.ts'
import { findDroppingChains, warningFor } from './foreign-firewall.ts'
import { containerHosts, containerResolvConf, HOST_FILES, type HostFiles, readResolvConf } from './host-files.ts'
import { hostSubnets } from './host-subnets.ts'
import { planNetwork } from './network-plan.ts'
import { createPortAllocator, parsePortRange } from './port-allocator.ts'
import { createPorts } from './ports.ts'
import { ensurePredefined } from './predefined.ts'
import { isPredefined } from './predefined-names.ts'
import { reconcileSandboxes } from './reconcile.ts'
import { createNetworkRecords, createSandboxRecords } from './records.ts'
import { createSandboxes, rulesOf, type Sandboxes } from './sandboxes.ts'
import { DEFAULT_POOLS } from './subnets.ts'

export interface NetworksOptions {
  readonly db: Database
  /** Keeps the namespaces (`netns/`) and the records of what runs (`networks.db`); exists. */
  readonly execRoot: string
  /** Empty for the default daemon, else at most 8 of [a-z0-9]: names the nft table and the default bridge. */
  readonly instance: string
  readonly bridge: {
    /** The default bridge's device; one that exists already lends its address. */
    readonly name?: string
    /** The bridge's own address and subnet, `172.30.0.1/16`. */
    readonly cidr?: string
    readonly mtu?: number
  }
  /** Where the host's own files are; tests give others. */
  readonly hostFiles?: Partial<HostFiles>
  readonly clock: Clock
  readonly log: Log
  /** Called synchronously after the change has been recorded. */
  readonly emit: (event: NetworkEvent) => void
}

/** What exists between `start` and `close`. */
interface Running {
  readonly host: Rtnetlink
  readonly addresses: Addresses
  readonly drivers: Drivers
  readonly firewall: Firewall
  readonly sandboxes: Sandboxes
  readonly resources: DisposableStack
}

export function createNetworks(options: NetworksOptions): Networks {
  const { execRoot, instance, log } = options
  const files = { ...HOST_FILES, ...options.hostFiles }
  const records = createNetworkRecords(options.db)
  const folder = join(execRoot, 'netns')
  const bridge = {
    name: options.bridge.name ?? (instance === '' ? 'slipway0' : `slp${instance}0`),
    cidr: options.bridge.cidr,
    mtu: options.bridge.mtu ?? 1500,
  }
  if (!/^[\w.-]{1,15}$/.test(bridge.name)) {
    throw failure(
      'invalid',
      `invalid bridge name ${JSON.stringify(bridge.name)}: want up to 15 letters, digits, '_', '.', '-'`,
    )
  }
  const table = instance === '' ? 'slipway' : `slipway_${instance}`
  const ipv6 = existsSync('/proc/sys/net/ipv6')
  let networks = records.all()
  let running: Running | undefined

  async function start(): Promise<void> {
    await startThreadPool()
    using resources = new DisposableStack()
    const host = resources.use(openRtnetlink())
    const { nameservers } = readResolvConf(files)
    ensurePredefined({ records, host, clock: options.clock, bridge, nameservers })
    networks = records.all()
    const drivers: Drivers = { bridge: createBridgeDriver({ host, log }), host: idleDriver, null: idleDriver }
    for (const network of networks) prepare(network, drivers)
    enableForwarding()
    const firewall: Firewall = resources.use(
      createFirewall({
        table,
        state: () => ({
          bridges: networks.filter(({ driver }) => driver === 'bridge').map(bridgeOf),
          published: sandboxes.all().flatMap(rulesOf),
        }),
      }),
    )
    const db = openDatabase(join(execRoot, 'networks.db'))
    resources.defer(() => db.close())
    const addresses = createAddresses()
    const sandboxes = resources.use(openSandboxes({ db, drivers, firewall, addresses }))
    firewall.load()
    running = { host, addresses, drivers, firewall, sandboxes, resources: resources.move() }
    for (const warning of warnings()) log.warn({}, warning)
  }

  function prepare(network: Network, drivers: Drivers): void {
    try {
      drivers[network.driver].prepare(network)
    } catch (error) {
      if (isPredefined(network.name)) throw error
      // Containers on other networks need the daemon all the same; those on this one cannot be started.
      log.error({ network: network.name, reason: messageOf(error) }, 'a network cannot be made ready')
    }
  }

  function openSandboxes({
    db,
    ...rest
  }: { db: Database } & Pick<Running, 'drivers' | 'firewall' | 'addresses'>): Sandboxes {
    // What it describes does not survive a power cut, so it need not either; a killed daemon loses nothing.
    db.run('PRAGMA synchronous = NORMAL')
    const ephemeral = parsePortRange(readSysctl('net.ipv4.ip_local_port_range') ?? '')
    return createSandboxes({
      records: createSandboxRecords(db),
      folder,
      ports: createPorts({ allocator: createPortAllocator(ephemeral), log }),
      ...rest,
      networks: () => networks,
      networkOf: get,
      hostServers: () => readResolvConf(files).nameservers,
      log,
      emit: options.emit,
    })
  }

  function enableForwarding(): void {
    if (readSysctl('net.ipv4.ip_forward') !== '0') return
    writeSysctl('net.ipv4.ip_forward', '1')
    log.info({}, 'IPv4 forwarding was off and has been switched on: containers need it')
  }

  function get(nameOrId: string): Network {
    const exact = networks.find(({ id }) => id === nameOrId) ?? networks.find(({ name }) => name === nameOrId)
    if (exact) return exact
    const matches = nameOrId === '' ? [] : networks.filter(({ id }) => id.startsWith(nameOrId))
    const [match] = matches
    if (matches.length > 1) {
      const found = `${matches.length} matches found based on ID prefix`
      throw failure('invalid', `network ${nameOrId} is ambiguous (${found})`)
    }
    if (!match) throw failure('not-found', `network ${nameOrId} not found`)
    return match
  }

  function live(): Running {
    if (!running) throw failure('unavailable', 'the networks have not been started')
    return running
  }

  function create(request: NetworkRequest): Network {
    const { host, drivers, firewall } = live()
    const network = planNetwork(request, {
      id: newId(),
      created: options.clock.now(),
      known: networks,
      pools: DEFAULT_POOLS,
      taken: () => hostSubnets({ host, nameservers: readResolvConf(files).nameservers }),
    })
    const { bridge: device } = bridgeOf(network)
    if (host.linkByName(device)) throw failure('forbidden', `the host has a device ${device} already`)
    using undo = new DisposableStack()
    // Recorded before it is made: the next daemon makes what is missing.
    records.put(network)
    networks = [...networks, network]
    undo.defer(() => forget(network))
    undo.defer(() => drivers[network.driver].dismantle(network))
    drivers[network.driver].prepare(network)
    firewall.load()
    undo.move()
    options.emit({ action: 'create', network })
    return network
  }

  function forget({ id }: Network): void {
    records.remove(id)
    networks = networks.filter((other) => other.id !== id)
  }

  function remove(nameOrId: string): void {
    const network = get(nameOrId)
    const { name, id } = network
    if (isPredefined(name)) throw failure('forbidden', `${name} is a pre-defined network and cannot be removed`)
    const { addresses, drivers, firewall, sandboxes } = live()
    const users = sandboxes
      .all()
      .flatMap(({ containerName, endpoints }) =>
        endpoints
          .filter(({ networkId }) => networkId === id)
          .map((endpoint) => `name:${JSON.stringify(containerName)} id:${JSON.stringify(shortId(endpoint.id))}`),
      )
    if (users.length > 0) {
      const why = `network ${name} has active endpoints (${users.join(', ')})`
      throw failure('forbidden', `error while removing network: ${why}`)
    }
    forget(network)
    addresses.drop(network)
    firewall.load()
    drivers[network.driver].dismantle(network)
    options.emit({ action: 'destroy', network })
  }

  /** With nobody on our networks the host needs neither rules nor bridges; a bridge that it gave us is its own. */
  function leaveHost({ drivers, firewall }: Running): void {
    firewall.remove()
    const isTheirs = ({ name }: Network): boolean => name === 'bridge' && options.bridge.name !== undefined
    for (const network of networks) if (!isTheirs(network)) drivers[network.driver].dismantle(network)
  }

  function warnings(): string[] {
    const nft = openNft()
    try {
      return findDroppingChains(nft.run('list chains'))
        .filter(({ family, table, chain }) => !nft.run(`list chain ${family} ${table} ${chain}`).includes(bridge.name))
        .map((chain) => warningFor(chain, bridge.name))
    } finally {
      nft.close()
    }
  }

  return {
    start,
    list: () => networks,
    get,
    create,
    remove,
    endpointsOf: (networkId) =>
      live()
        .sandboxes.all()
        .flatMap(({ endpoints }) => endpoints.filter((endpoint) => endpoint.networkId === networkId)),
    sandboxOf: (containerId) => live().sandboxes.get(containerId),
    open: async (request) => live().sandboxes.open(request),
    connect: (containerId) => live().sandboxes.connect(containerId),
    verify(attachment, { mode } = {}) {
      const network = networks.find(({ id, name }) => id === attachment.network || name === attachment.network)
      if (!network) return
      if (mode) verifyMixture(mode, network)
      verifyAttachment(network, attachment)
    },
    attach: (containerId, attachment) => live().sandboxes.attach(containerId, attachment),
    detach: (containerId, networkId) => live().sandboxes.detach(containerId, networkId),
    rename: (containerId, name) => live().sandboxes.rename(containerId, name),
    release: async (containerId) => live().sandboxes.release(containerId),
    reconcile: async (kept) => reconcileSandboxes({ ...live(), networks, folder, log }, kept),
    resolvConf: (wanted) => containerResolvConf(files, wanted),
    hosts: (wanted) => {
      const hostGateway = networks.find(({ name }) => name === 'bridge')?.ipam.subnets[0]?.gateway
      return containerHosts(files, { ...wanted, hostGateway, ipv6 })
    },
    warnings,
    async close() {
      if (running?.sandboxes.all().length === 0) leaveHost(running)
      running?.resources.dispose()
      running = undefined
    },
  }
}
