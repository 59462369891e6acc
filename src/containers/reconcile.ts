import { messageOf } from '../base/index.ts'
import { removeRootViews } from './archive/root-view.ts'
import type { Entry } from './catalog.ts'
import { cancelRestart, settleExit, watchExit } from './exits.ts'
import { cgroupOf, type Household, logPathOf } from './household.ts'
import { removeEntry } from './removal.ts'
import { logRotationOf } from './request/log-options.ts'
import { wantsStartWithDaemon } from './restart-policy.ts'
import { startEntry } from './starting.ts'
import { isRunning } from './states.ts'

/** What Docker records for a container that was running when the host went down. */
const LOST = 255

/** How many containers are started at once when the daemon comes up. */
const STARTS_AT_ONCE = 4

/**
 * Brings records and reality together after a start of the daemon: what runs is adopted, what ended meanwhile is
 * settled with its real exit code, what was half done is finished or undone, what belongs to nobody is removed.
 */
export async function reconcileContainers(household: Household): Promise<void> {
  const { catalog, networks } = household
  await removeRootViews(household)
  const adopted = await adoptTasks(household)
  await networks.reconcile(new Set(adopted.map(({ id }) => id)))
  await removeLeftovers(household, new Set(adopted.map(({ id }) => id)))
  for (const entry of adopted) await settleOrWatch(household, entry)
  for (const entry of catalog.all()) await tidyEntry(household, entry)
  startWanted(household)
}

async function adoptTasks({ catalog, runtime, clock, dataRoot, cgroupParent }: Household): Promise<readonly Entry[]> {
  const adopted: Entry[] = []
  for (const entry of catalog.all()) {
    const { record, id } = entry
    if (!isRunning(record)) continue
    const task = await runtime.adopt(id, {
      terminal: record.config.tty,
      stdin: record.config.openStdin,
      stdinOnce: record.config.stdinOnce,
      logPath: record.host.logConfig.type === 'none' ? undefined : logPathOf({ dataRoot }, id),
      logRotation: logRotationOf(record.host.logConfig),
      cgroup: cgroupOf({ cgroupParent }, entry),
    })
    if (task) {
      entry.task = task
      adopted.push(entry)
    } else {
      const startedAt = 'startedAt' in record.state ? (record.state.startedAt ?? 0n) : 0n
      const exit = { code: LOST, oomKilled: false, at: clock.now(), error: '' }
      catalog.setState(entry, { status: 'exited', startedAt, exit })
    }
  }
  return adopted
}

/** A task that ended while no daemon ran is settled before the daemon answers anybody. */
async function settleOrWatch(household: Household, entry: Entry): Promise<void> {
  const { task } = entry
  if (!task) return
  const status = await Promise.race([task.exited, Promise.resolve(undefined)])
  if (status) await settleExit(household, { entry, task, status })
  else watchExit(household, entry, task)
}

async function removeLeftovers(household: Household, running: ReadonlySet<string>): Promise<void> {
  const { runtime, store, catalog, cgroupParent, log } = household
  for (const id of runtime.leftovers()) {
    if (running.has(id)) continue
    const entry = catalog.all().find((known) => known.id === id)
    const cgroup = entry ? cgroupOf(household, entry) : `${cgroupParent}/${id}`
    log.info({ container: id }, 'removing what an earlier daemon left behind')
    await runtime.purge(id, { cgroup })
  }
  const known = new Set<string>(catalog.all().map(({ id }) => id))
  for (const { key } of store.snapshots.list()) {
    if (!known.has(key)) await store.snapshots.remove(key)
    else if (!running.has(key)) await store.snapshots.unmount(key)
  }
}

/** Finishes what an earlier daemon had begun with a container that does not run. */
async function tidyEntry(household: Household, entry: Entry): Promise<void> {
  const { state, host } = entry.record
  try {
    if (state.status === 'removing') await removeEntry(household, { entry, volumes: host.autoRemove })
    else if (state.status === 'exited' && host.autoRemove) await removeEntry(household, { entry, volumes: true })
  } catch (error) {
    household.log.warn({ container: entry.id, reason: messageOf(error) }, 'a container could not be removed')
  }
}

/** Starts what policies want, some at a time; the daemon does not wait for it. */
function startWanted(household: Household): void {
  const { catalog, locks, log } = household
  const wanted = catalog.all().filter(({ record, restart }) => restart === undefined && wantsStartWithDaemon(record))
  const waiting = wanted.values()
  const worker = async (): Promise<void> => {
    for (const entry of waiting) {
      await locks
        .run(entry.id, async () => {
          if (!wantsStartWithDaemon(entry.record)) return
          cancelRestart(household, entry)
          await startEntry(household, entry)
          if (entry.task) watchExit(household, entry, entry.task)
        })
        .catch((error: unknown) =>
          log.warn({ container: entry.id, reason: messageOf(error) }, 'a container could not be started'),
        )
    }
  }
  for (let at = 0; at < STARTS_AT_ONCE; at += 1) void worker()
}
