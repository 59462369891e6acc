import type { Readable } from 'node:stream'
import { createKeyedLock, failure, isKind } from '../base/index.ts'
import { type LogRecord, readLog } from '../runtime/index.ts'
import { packPath, statPath, unpackInto } from './archive/archiving.ts'
import { attachEntry } from './attaching.ts'
import { createCatalog, type Entry } from './catalog.ts'
import { listChanges } from './changes.ts'
import { commitEntry } from './commit/committing.ts'
import type { Container, Containers, LogOptions, StopOptions } from './contract.ts'
import { createContainer } from './creating.ts'
import { createExecs } from './execs.ts'
import { cancelRestart, watchExit } from './exits.ts'
import { exportRoot } from './exporting.ts'
import { createGate } from './gate.ts'
import { endProbing, resumeProbing } from './health/watching.ts'
import { type Household, logPathOf, viewOf } from './household.ts'
import { selectContainers } from './listing/filter.ts'
import { listingContext } from './listing-context.ts'
import { joinNetwork, leaveNetwork } from './networking.ts'
import type { ContainersOptions } from './options.ts'
import { pruneContainers } from './pruning.ts'
import { listProcesses } from './ps.ts'
import { reconcileContainers } from './reconcile.ts'
import { createContainerRecords } from './records.ts'
import { removeEntry } from './removal.ts'
import { probeLimitSupport } from './request/limit-support.ts'
import { assertContainerName } from './request/names.ts'
import { startEntry } from './starting.ts'
import { assertAllowed, isRunning } from './states.ts'
import { readStats } from './stats/reading.ts'
import { createSampler } from './stats/sampler.ts'
import { killEntry, stopEntry } from './stopping.ts'
import { updateEntry } from './update/updating.ts'
import { waitForEnd } from './waiting.ts'

/** How many probes of health are started at once: each costs a processor some milliseconds. */
const PROBES_AT_ONCE = 4

/** Reads all records; nothing runs and nothing is changed until `reconcile`. The caller closes. */
export function createContainers(options: ContainersOptions): Containers {
  const records = createContainerRecords(options)
  const catalog = createCatalog(records)
  for (const record of records.all()) catalog.restore(record)
  const locks = createKeyedLock()
  const household: Household = {
    ...options,
    catalog,
    locks,
    support: probeLimitSupport(),
    probeGate: createGate(PROBES_AT_ONCE),
    announce: (action, entry, attributes = {}) => options.events({ action, container: view(entry), attributes }),
  }
  const execs = createExecs(household)
  const sampler = createSampler(household)
  const { runtime, store } = options

  function view(entry: Entry): Container {
    return viewOf(household, entry, isRunning(entry.record) ? execs.idsOf(entry.id) : [])
  }

  async function start(name: string): Promise<void> {
    runtime.prewarm()
    const entry = catalog.find(name)
    await locks.run(entry.id, async () => {
      assertAllowed('start', entry.record)
      cancelRestart(household, entry)
      entry.backOff = 0
      await startOrRemove(entry)
      if (entry.task) watchExit(household, entry, entry.task)
    })
  }

  /** Whoever waits for the removal of a container with `--rm` gets it though it never ran. */
  async function startOrRemove(entry: Entry): Promise<void> {
    try {
      await startEntry(household, entry, { restartCount: 0 })
    } catch (error) {
      if (entry.record.host.autoRemove) await removeEntry(household, { entry, volumes: true })
      throw error
    }
  }

  async function stop(name: string, stopOptions: StopOptions = {}): Promise<void> {
    await stopEntry(household, { entry: catalog.find(name), options: stopOptions })
  }

  async function restart(name: string, stopOptions: StopOptions = {}): Promise<void> {
    const entry = catalog.find(name)
    entry.keepAfterExit = true
    try {
      if (isRunning(entry.record) || entry.record.state.status === 'restarting') {
        await stopEntry(household, { entry, options: stopOptions })
      }
    } finally {
      entry.keepAfterExit = false
    }
    await start(entry.id)
    household.announce('restart', entry)
  }

  async function remove(name: string, wanted: Parameters<Containers['remove']>[1]): Promise<void> {
    if (wanted.link) throw failure('unsupported', `cannot remove link ${name}: links are not supported`)
    const entry = catalog.find(name)
    if (wanted.force) await endForRemoval(entry)
    await locks.run(entry.id, async () => {
      if (!catalog.get(entry.id)) return
      assertAllowed('remove', entry.record)
      await removeEntry(household, { entry, volumes: wanted.volumes || entry.record.host.autoRemove })
    })
  }

  async function endForRemoval(entry: Entry): Promise<void> {
    if (!isRunning(entry.record) && entry.record.state.status !== 'restarting') return
    try {
      await killEntry(household, { entry, signal: 'SIGKILL' })
    } catch (error) {
      // It has ended by itself meanwhile.
      if (!isKind(error, 'conflict')) throw error
    }
  }

  async function* logs(name: string, query: LogOptions): AsyncGenerator<LogRecord> {
    const entry = catalog.find(name)
    if (entry.record.host.logConfig.type === 'none') {
      throw failure('unsupported', 'configured logging driver does not support reading')
    }
    const { follow, ...rest } = query
    const { task } = entry
    yield* readLog(logPathOf(household, entry.id), {
      ...rest,
      ...(follow && task ? { follow: { ended: task.exited } } : {}),
    })
  }

  async function setPaused(name: string, paused: boolean): Promise<void> {
    const entry = catalog.find(name)
    await locks.run(entry.id, async () => {
      assertAllowed(paused ? 'pause' : 'unpause', entry.record)
      const { state } = entry.record
      if (state.status !== 'running' && state.status !== 'paused') return
      await (paused ? entry.task?.pause() : entry.task?.resume())
      catalog.setState(entry, { ...state, status: paused ? 'paused' : 'running' })
      if (paused) endProbing(entry)
      else resumeProbing(household, entry)
      household.announce(paused ? 'pause' : 'unpause', entry)
    })
  }

  async function rename(name: string, to: string): Promise<void> {
    const entry = catalog.find(name)
    const wanted = to.replace(/^\//, '')
    if (wanted === '') throw failure('invalid', 'Neither old nor new names may be empty')
    assertContainerName(wanted)
    await locks.run(entry.id, () => {
      const { name: oldName } = entry.record
      if (oldName === wanted) throw failure('invalid', 'Renaming a container with the same name as its current name')
      catalog.assertFree(wanted)
      catalog.change(entry, { name: wanted })
      options.networks.rename(entry.id, wanted)
      household.announce('rename', entry, { oldName: `/${oldName}` })
    })
  }

  async function size(name: string): Promise<{ readonly writable: number; readonly root: number }> {
    const { id } = catalog.find(name)
    const writable = await store.snapshots.usage(id)
    const parent = store.snapshots.get(id)?.parent
    const layers = parent ? store.layers.chain(parent).reduce((sum, layer) => sum + layer.size, 0) : 0
    return { writable, root: writable + layers }
  }

  function exportTree(name: string, exportOptions = {}): Promise<Readable> {
    return exportRoot(household, { entry: catalog.find(name), ...exportOptions })
  }

  async function close({ stop: stopAll }: { readonly stop: boolean }): Promise<void> {
    for (const entry of catalog.all()) {
      entry.mayRestart = false
      entry.restart?.cancel()
    }
    const running = catalog.all().filter(({ record }) => isRunning(record))
    if (stopAll) {
      await Promise.allSettled(running.map((entry) => stopEntry(household, { entry, options: {}, byUser: false })))
    }
    for (const entry of catalog.all()) endProbing(entry)
    execs.close()
    sampler.close()
  }

  return {
    prewarm: () => runtime.prewarm(),
    create: (request) => createContainer(household, request),
    find: (name) => view(catalog.find(name)),
    list: (filter) => selectContainers(catalog.all().map(view), filter, listingContext(household)),
    start,
    stop,
    restart,
    kill: (name, signal) => killEntry(household, { entry: catalog.find(name), signal }),
    pause: (name) => setPaused(name, true),
    unpause: (name) => setPaused(name, false),
    rename,
    update: async (name, request) => updateEntry(household, { entry: catalog.find(name), request }),
    joinNetwork: async (name, attachment) => joinNetwork(household, { entry: catalog.find(name), attachment }),
    leaveNetwork: async (name, network) => leaveNetwork(household, { entry: catalog.find(name), network }),
    remove,
    wait: (name, condition, { signal } = {}) =>
      waitForEnd(household, { entry: catalog.find(name), condition, ...(signal ? { signal } : {}) }),
    logs,
    attach: async (name, request) => attachEntry(household, { entry: catalog.find(name), request }),
    resize: async (name, windowSize) => {
      const entry = catalog.find(name)
      assertAllowed('resize', entry.record)
      entry.task?.resize(windowSize)
      household.announce('resize', entry, { height: String(windowSize.rows), width: String(windowSize.columns) })
    },
    createExec: async (name, request) => {
      runtime.prewarm()
      return execs.create(catalog.find(name), request)
    },
    startExec: (id, startOptions) => {
      runtime.prewarm()
      return execs.start(id, startOptions)
    },
    exec: (id) => execs.get(id),
    resizeExec: async (id, windowSize) => execs.resize(id, windowSize),
    top: async (name, psArgs) => {
      const entry = catalog.find(name)
      assertAllowed('top', entry.record)
      const listed = await listProcesses(entry.task?.processes() ?? [], psArgs)
      household.announce('top', entry)
      return listed
    },
    statPath: async (name, path) => statPath(household, { entry: catalog.find(name), name, path }),
    packPath: async (name, path, packOptions) =>
      packPath(household, { entry: catalog.find(name), name, path, ...packOptions }),
    unpackInto: async (name, path, unpackOptions) =>
      unpackInto(household, { entry: catalog.find(name), name, path, ...unpackOptions }),
    stats: (name, statsOptions) => readStats({ ...household, sampler }, { entry: catalog.find(name), ...statsOptions }),
    changes: async (name) => listChanges(household, catalog.find(name)),
    commit: async (name, request) => {
      const entry = catalog.find(name)
      return commitEntry(household, { entry, request, setPaused: (paused) => setPaused(entry.id, paused) })
    },
    export: exportTree,
    prune: (filters) => pruneContainers(household, filters),
    size,
    counts: () => {
      const statuses = catalog.all().map(({ record }) => record.state.status)
      const count = (status: string): number => statuses.filter((found) => found === status).length
      const [running, paused] = [count('running') + count('restarting'), count('paused')]
      return { running, paused, stopped: statuses.length - running - paused }
    },
    reconcile: () => reconcileContainers(household),
    usersOf: (imageId) =>
      catalog
        .all()
        .filter(({ record }) => record.imageId === imageId)
        .map(({ id, record }) => ({ id, running: isRunning(record) }))
        .sort((a, b) => Number(b.running) - Number(a.running)),
    usersOfVolume: (volume) =>
      catalog
        .all()
        .filter(({ record }) => record.mounts.some(({ type, name }) => type === 'volume' && name === volume))
        .map(({ id }) => id),
    close,
  }
}
