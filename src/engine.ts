import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Clock,
  createClock,
  createEventLog,
  failure,
  type Log,
  type LogLevel,
  openDatabase,
} from './base/index.ts'
import { type ContainerDefaults, type Containers, createContainers } from './containers/index.ts'
import type { Engine } from './engine-contract.ts'
import { describeEvent } from './engine-events.ts'
import { gatherFacts } from './engine-facts.ts'
import { createImages } from './images/index.ts'
import { type Cgroups, checkHost, openCgroups, startThreadPool } from './kernel/index.ts'
import { createNetworks, type NetworkEvent } from './networks/index.ts'
import { createRegistryClient, type RegistrySettings } from './registry/client/index.ts'
import { createRuntime } from './runtime/index.ts'
import { createStore } from './store/index.ts'
import { createVolumes } from './volumes/index.ts'

export type { Engine, EngineFacts } from './engine-contract.ts'

export interface EngineOptions {
  /** Persistent state; made when absent. One engine at a time. */
  readonly dataRoot: string
  /** State of what runs; made when absent, gone after a reboot. One engine at a time. */
  readonly execRoot: string
  /** Short name that keeps this engine's bridge and rules apart from others on the host; empty for the usual one. */
  readonly instance: string
  readonly cgroupParent: string
  readonly bridge: { readonly name?: string; readonly cidr?: string; readonly mtu?: number }
  /** OCI runtimes by name, besides `crun`. */
  readonly runtimes: Readonly<Record<string, string>>
  readonly defaults: Omit<ContainerDefaults, 'init' | 'initPath' | 'ipcMode' | 'cgroupnsMode'>
  readonly labels: readonly string[]
  /** None unless given. */
  readonly registries?: RegistrySettings
  readonly liveRestore: boolean
  readonly log: Log
  readonly logLevel: () => LogLevel
  readonly clock?: Clock
}

/** An engine that has been started. */
export interface RunningEngine extends Engine {
  /** Ends the engine. Containers go on running, for the next engine on the same roots, unless `stop` is wanted. */
  close(options?: { readonly stop?: boolean }): Promise<void>
}

const CRUN = '/usr/bin/crun'
const CONMON = '/usr/bin/conmon'

/**
 * Builds every room, starts them from the bottom up, and takes over the containers that an earlier engine left running.
 * Fails with one line for each thing that the host lacks. The caller closes.
 */
export async function createEngine(options: EngineOptions): Promise<RunningEngine> {
  const { clock = createClock() } = options
  const cgroups = await prepareHost(options)
  await using started = new AsyncDisposableStack()
  const rooms = await openRooms(options, { cgroups, clock, started })
  const { containers, networks } = rooms
  let stopContainers = false
  started.defer(() => containers.close({ stop: stopContainers }))
  await containers.reconcile()
  const facts = await gatherFacts({
    ...options,
    runtimes: { crun: CRUN, ...options.runtimes },
    defaultRuntime: options.defaults.runtime,
    conmonPath: CONMON,
    registries: options.registries ?? NO_REGISTRIES,
    cgroups,
    clock,
    warnings: () => networks.warnings(),
  })
  const resources = started.move()
  return {
    ...rooms,
    clock,
    facts,
    close: async ({ stop = false } = {}) => {
      stopContainers = stop
      await resources.disposeAsync()
      const { running, paused } = containers.counts()
      if (running + paused === 0 && OWN_CGROUP.test(options.cgroupParent)) await cgroups.remove(options.cgroupParent)
    },
  }
}

const NO_REGISTRIES: RegistrySettings = { insecure: [], mirrors: [] }

/** Parents that only an engine makes; one that the person named may hold what others put there. */
const OWN_CGROUP = /^\/slipway(?:-[a-z0-9]+)?$/

/** Refuses a host that lacks something, mends what can be mended, and makes the folders; `tmp` is new each time. */
async function prepareHost({ dataRoot, execRoot, log }: EngineOptions): Promise<Cgroups> {
  const cgroups = openCgroups()
  const missing = checkHost({ runtime: CRUN, conmon: CONMON, cgroups })
  if (missing.length > 0) throw failure('unavailable', missing.join('\n'))
  for (const controller of cgroups.repair()) {
    log.info({ controller }, 'mounted a cgroup controller that the host had left')
  }
  await startThreadPool()
  const tmp = tmpOf(dataRoot)
  rmSync(tmp, { recursive: true, force: true })
  for (const folder of [dataRoot, execRoot, tmp]) mkdirSync(folder, { recursive: true, mode: 0o711 })
  return cgroups
}

function tmpOf(dataRoot: string): string {
  return join(dataRoot, 'tmp')
}

/** Every room, each made of those below it; what must be closed is put on `started` in the order of the start. */
async function openRooms(
  options: EngineOptions,
  { cgroups, clock, started }: { cgroups: Cgroups; clock: Clock; started: AsyncDisposableStack },
): Promise<Omit<Engine, 'facts' | 'clock'>> {
  const { dataRoot, execRoot, log, instance, bridge, cgroupParent } = options
  const db = openDatabase(join(dataRoot, 'slipway.db'))
  started.defer(() => db.close())
  const events = createEventLog({ db, clock })
  started.defer(() => events.close())
  const store = await createStore({ root: dataRoot, tmp: tmpOf(dataRoot), db, clock, log })
  started.defer(() => store.close())
  const registry = createRegistryClient(options.registries ?? NO_REGISTRIES)

  // Images and volumes ask who uses them; containers, who know, are made last.
  let containers: Containers | undefined
  const images = createImages({
    store,
    registry,
    db,
    clock,
    log,
    users: { usersOf: (id) => containers?.usersOf(id) ?? [] },
    emit: (event) => events.publish(describeEvent.image(event)),
  })
  const volumes = createVolumes({
    root: join(dataRoot, 'volumes'),
    db,
    clock,
    log,
    users: { usersOf: (name) => containers?.usersOfVolume(name) ?? [] },
    emit: (event) => events.publish(describeEvent.volume(event)),
  })
  const emit = (event: NetworkEvent): void => events.publish(describeEvent.network(event))
  const networks = createNetworks({ db, execRoot, instance, bridge, clock, log, emit })
  started.defer(() => networks.close())
  await networks.start()
  const runtimes = { crun: CRUN, ...options.runtimes }
  const runtime = await createRuntime({ execRoot, runtimes, conmonPath: CONMON, cgroups, clock, log })
  started.defer(() => runtime.close())
  containers = createContainers({
    db,
    store,
    images,
    networks,
    volumes,
    runtime,
    runtimes: new Set(Object.keys(runtimes)),
    events: (event) => events.publish(describeEvent.container(event)),
    clock,
    log,
    dataRoot,
    execRoot,
    cgroupParent,
    defaults: {
      ...options.defaults,
      init: false,
      initPath: '',
      ipcMode: 'private',
      cgroupnsMode: cgroups.mode === 'v2' ? 'private' : 'host',
    },
  })
  return { containers, images, networks, volumes, store, registry, events }
}
