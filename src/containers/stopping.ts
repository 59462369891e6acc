import { delay, failure, orAborted } from '../base/index.ts'
import { parseSignal } from '../kernel/index.ts'
import type { Entry } from './catalog.ts'
import type { Exit, StopOptions } from './contract.ts'
import { cancelRestart, nextExit } from './exits.ts'
import type { Household } from './household.ts'
import { assertAllowed, isRunning } from './states.ts'

const SIGKILL = 9
const SIGTERM = 15
const DEFAULT_SIGNAL = 'SIGTERM'

/** Milliseconds that a killed process may take to be gone. */
const KILL_PATIENCE = 10_000

/** Reads a signal by name or number; `invalid` with Docker's text for one that does not exist. */
export function signalOf(text: string): number {
  const number = parseSignal(text)
  if (number === undefined) throw failure('invalid', `invalid signal: ${text}`)
  return number
}

/**
 * Sends one signal; after SIGKILL it returns when the container has ended. One that waits for its restart is told that
 * it need not come back.
 */
export async function killEntry(
  household: Household,
  { entry, signal }: { entry: Entry; signal: string },
): Promise<void> {
  const { catalog, locks, announce } = household
  const number = signalOf(signal || 'SIGKILL')
  using waiting = await locks.run(entry.id, async () => {
    if (entry.record.state.status === 'restarting') {
      catalog.change(entry, { stoppedByUser: true })
      cancelRestart(household, entry)
      return undefined
    }
    assertAllowed('kill', entry.record)
    if (endsContainer(entry, number) && !entry.record.stoppedByUser) catalog.change(entry, { stoppedByUser: true })
    const exit = nextExit(household, entry)
    await signalEntry(entry, number)
    announce('kill', entry, { signal: String(number) })
    return exit
  })
  if (!waiting || number !== SIGKILL) return
  await exitInTime(waiting.exit)
  // The lock is free only when everything that follows from the exit has been done.
  await locks.run(entry.id, () => {})
}

async function exitInTime(exit: Promise<Exit>): Promise<void> {
  const settled = new AbortController()
  const late = delay(KILL_PATIENCE, { signal: settled.signal }).then(
    () => {
      throw failure('internal', 'tried to kill container, but did not receive an exit event')
    },
    () => {},
  )
  try {
    await Promise.race([exit, late])
  } finally {
    settled.abort()
  }
}

/** Signals by which a person ends a container: then no restart policy brings it back. */
function endsContainer({ record }: Entry, signal: number): boolean {
  return signal === SIGKILL || signal === SIGTERM || signal === signalOf(record.config.stopSignal || DEFAULT_SIGNAL)
}

/** A frozen process takes a signal only when it thaws; what is to die must not wait for that. */
async function signalEntry({ record, task }: Entry, signal: number): Promise<void> {
  task?.kill(signal)
  if (record.state.status === 'paused' && signal === SIGKILL) await task?.resume()
}

/**
 * Asks a container to end, and kills it when its time is up, also when the one who asked has left. Returns when its
 * end has been settled. `byUser` false: its restart policy brings it back with the next engine. The caller does not
 * hold the lock.
 */
export async function stopEntry(
  household: Household,
  {
    entry,
    options,
    byUser = true,
  }: { readonly entry: Entry; readonly options: StopOptions; readonly byUser?: boolean },
): Promise<void> {
  const { catalog, locks, announce } = household
  const { config } = entry.record
  const signal = signalOf(options.stopSignal || config.stopSignal || DEFAULT_SIGNAL)
  const seconds = options.timeout ?? config.stopTimeout ?? household.defaults.stopTimeout
  using waiting = await locks.run(entry.id, async () => {
    assertAllowed('stop', entry.record)
    if (byUser) catalog.change(entry, { stoppedByUser: true })
    if (!isRunning(entry.record)) {
      cancelRestart(household, entry)
      announce('stop', entry)
      return undefined
    }
    const exit = nextExit(household, entry)
    entry.stopping = true
    if (entry.record.state.status === 'paused') await entry.task?.resume()
    await signalEntry(entry, signal)
    announce('kill', entry, { signal: String(signal) })
    return exit
  })
  if (!waiting) return
  if (seconds >= 0) killAfter(household, { entry, seconds })
  await orAborted(waiting.exit, options.signal)
  await locks.run(entry.id, () => {})
}

/** Kills what has not ended in time. */
function killAfter({ announce }: Household, { entry, seconds }: { entry: Entry; seconds: number }): void {
  const { task } = entry
  const kill = (): void => {
    if (task?.kill(SIGKILL)) announce('kill', entry, { signal: String(SIGKILL) })
  }
  const alarm = setTimeout(kill, Math.min(seconds * 1000, 2 ** 31 - 1))
  void task?.exited.then(() => clearTimeout(alarm))
}
