import { failure, messageOf } from '../base/index.ts'
import type { ExitStatus, Task } from '../runtime/index.ts'
import type { Entry } from './catalog.ts'
import type { Exit } from './contract.ts'
import { beginProbing, endProbing } from './health/watching.ts'
import type { Household } from './household.ts'
import { removeEntry } from './removal.ts'
import { backOffAfter, wantsRestart } from './restart-policy.ts'
import { unmountRoot } from './root-holds.ts'
import { startEntry } from './starting.ts'

/** Watches a task to its end, and its health until then; what follows from the end happens under the container's lock. */
export function watchExit(household: Household, entry: Entry, task: Task): void {
  const { locks, log } = household
  beginProbing(household, entry)
  void task.exited
    .then((status) => locks.run(entry.id, () => settleExit(household, { entry, task, status })))
    .catch((error: unknown) => log.error({ container: entry.id, error }, 'the end of a container could not be settled'))
}

/**
 * Records an exit, takes back what the run held, and tells everybody: who hears of the end finds ports and mounts free.
 * Then the container is started again, removed, or left alone, as its policy says.
 */
export async function settleExit(
  household: Household,
  { entry, task, status }: { readonly entry: Entry; readonly task: Task; readonly status: ExitStatus },
): Promise<void> {
  const { catalog, announce } = household
  const { state } = entry.record
  if (entry.task !== task || (state.status !== 'running' && state.status !== 'paused')) return
  const exit: Exit = { code: status.code, oomKilled: status.oomKilled, at: status.at, error: '' }
  const restart = entry.mayRestart && !entry.keepAfterExit && wantsRestart(entry.record, exit)
  const leaves = !restart && entry.record.host.autoRemove && !entry.keepAfterExit
  catalog.setState(entry, { status: restart ? 'restarting' : 'exited', startedAt: state.startedAt, exit })
  await releaseRun(household, entry, { keepMount: leaves })
  if (status.oomKilled) announce('oom', entry)
  const seconds = Number((exit.at - state.startedAt) / 1_000_000_000n)
  announce('die', entry, { exitCode: String(exit.code), execDuration: String(Math.max(0, seconds)) })
  if (entry.stopping) announce('stop', entry)
  entry.stopping = false
  catalog.endings.publish({ kind: 'exited', id: entry.id, exit })
  if (restart) scheduleRestart(household, entry, exit)
  else if (leaves) await removeQuietly(household, entry)
}

/**
 * Runtime state, network and mount of a run that has ended. Goes on where a part fails: the next start cleans up. The
 * mount stays where the whole container goes next: emptied first, it is unmounted more quickly.
 */
async function releaseRun(
  { store, networks, log }: Household,
  entry: Entry,
  { keepMount }: { readonly keepMount: boolean },
): Promise<void> {
  const { task } = entry
  endProbing(entry)
  entry.task = undefined
  entry.spec = undefined
  const steps = [task?.delete(), networks.release(entry.id), keepMount ? undefined : unmountRoot({ store }, entry)]
  for (const result of await Promise.allSettled(steps)) {
    if (result.status === 'rejected') {
      log.warn(
        { container: entry.id, reason: messageOf(result.reason) },
        'a container that ended left something behind',
      )
    }
  }
}

function scheduleRestart(household: Household, entry: Entry, exit: Exit): void {
  const { catalog, locks, log } = household
  const wait = backOffAfter(entry, exit)
  const restart = async (): Promise<void> => {
    entry.restart = undefined
    if (entry.record.state.status !== 'restarting') return
    catalog.change(entry, { restartCount: entry.record.restartCount + 1 })
    await startEntry(household, entry)
    if (entry.task) watchExit(household, entry, entry.task)
  }
  const timer = setTimeout(() => {
    locks.run(entry.id, restart).catch((error: unknown) => {
      log.warn({ container: entry.id, reason: messageOf(error) }, 'a container could not be restarted')
      publishEnd(household, entry)
    })
  }, wait)
  entry.restart = { cancel: () => clearTimeout(timer) }
}

/** Ends the waiting of a restart policy: the container stays exited. The caller holds the lock. */
export function cancelRestart(household: Household, entry: Entry): void {
  entry.restart?.cancel()
  entry.restart = undefined
  const { state } = entry.record
  if (state.status !== 'restarting') return
  household.catalog.setState(entry, { status: 'exited', startedAt: state.startedAt, exit: state.exit })
  publishEnd(household, entry)
}

/** Who began to wait while it was restarting learns that it has ended for good. */
function publishEnd({ catalog }: Household, { id, record: { state } }: Entry): void {
  if (state.status === 'exited') catalog.endings.publish({ kind: 'exited', id, exit: state.exit })
}

async function removeQuietly(household: Household, entry: Entry): Promise<void> {
  try {
    await removeEntry(household, { entry, volumes: true })
  } catch (error) {
    household.log.warn(
      { container: entry.id, reason: messageOf(error) },
      'a container could not be removed after its end',
    )
  }
}

/** Resolves with the exit of the run that goes on now. `internal` when the container is removed meanwhile. */
export function nextExit({ catalog }: Household, { id }: Entry): { readonly exit: Promise<Exit> } & Disposable {
  const { promise, resolve, reject } = Promise.withResolvers<Exit>()
  promise.catch(() => {})
  const subscription = catalog.endings.listen((ending) => {
    if (ending.id !== id) return
    if (ending.kind === 'exited') resolve(ending.exit)
    else if (ending.exit) resolve(ending.exit)
    else reject(failure('internal', `container ${id} was removed`))
  })
  return { exit: promise, [Symbol.dispose]: () => subscription[Symbol.dispose]() }
}
