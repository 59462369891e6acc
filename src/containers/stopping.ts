import { failure, orAborted } from '../base/index.ts'
import { parseSignal } from '../kernel/index.ts'
import type { Entry } from './catalog.ts'
import type { Exit, StopOptions } from './contract.ts'
import { cancelRestart, nextExit } from './exits.ts'
import type { Household } from './household.ts'
import { assertAllowed, isRunning } from './states.ts'

const SIGKILL = 9
const SIGTERM = 15
const DEFAULT_SIGNAL = 'SIGTERM'

/** Reads a signal by name or number; `invalid` with Docker's text for one that does not exist. */
export function signalOf(text: string): number {
  const number = parseSignal(text)
  if (number === undefined) throw failure('invalid', `invalid signal: ${text}`)
  return number
}

/** Sends one signal. A container that waits for its restart is told that it need not come back. */
export async function killEntry(
  household: Household,
  { entry, signal }: { entry: Entry; signal: string },
): Promise<void> {
  const { catalog, locks, announce } = household
  const number = signalOf(signal || 'SIGKILL')
  await locks.run(entry.id, async () => {
    if (entry.record.state.status === 'restarting') {
      catalog.change(entry, { stoppedByUser: true })
      cancelRestart(household, entry)
      return
    }
    assertAllowed('kill', entry.record)
    if (endsContainer(entry, number) && !entry.record.stoppedByUser) catalog.change(entry, { stoppedByUser: true })
    await signalEntry(entry, number)
    announce('kill', entry, { signal: String(number) })
  })
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
 * Asks a container to end, and kills it when its time is up. Resolves with its exit, when it has been settled;
 * undefined when it was only waiting for a restart. The caller does not hold the lock.
 */
export async function stopEntry(
  household: Household,
  { entry, options }: { readonly entry: Entry; readonly options: StopOptions },
): Promise<Exit | undefined> {
  const { catalog, locks, announce } = household
  const { config } = entry.record
  const signal = signalOf(options.stopSignal || config.stopSignal || DEFAULT_SIGNAL)
  const seconds = options.timeout ?? config.stopTimeout ?? household.defaults.stopTimeout
  using waiting = nextExit(household, entry)
  const wasRunning = await locks.run(entry.id, async () => {
    assertAllowed('stop', entry.record)
    catalog.change(entry, { stoppedByUser: true })
    if (!isRunning(entry.record)) {
      cancelRestart(household, entry)
      return false
    }
    if (entry.record.state.status === 'paused') await entry.task?.resume()
    await signalEntry(entry, signal)
    announce('kill', entry, { signal: String(signal) })
    return true
  })
  if (!wasRunning) return undefined
  const exit = await exitOrKill(household, { entry, exit: waiting.exit, seconds, signal: options.signal })
  // The lock is free only when everything that follows from the exit has been done.
  await locks.run(entry.id, () => {})
  announce('stop', entry)
  return exit
}

async function exitOrKill(
  { announce }: Household,
  {
    entry,
    exit,
    seconds,
    signal,
  }: { entry: Entry; exit: Promise<Exit>; seconds: number; signal?: AbortSignal | undefined },
): Promise<Exit> {
  const kill = (): void => {
    if (!entry.task?.kill(SIGKILL)) return
    announce('kill', entry, { signal: String(SIGKILL) })
  }
  const alarm = seconds < 0 ? undefined : setTimeout(kill, Math.min(seconds * 1000, 2 ** 31 - 1))
  try {
    return await orAborted(exit, signal)
  } finally {
    clearTimeout(alarm)
  }
}
