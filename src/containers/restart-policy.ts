import type { Exit } from './contract.ts'
import type { ContainerRecord } from './record.ts'

/** Docker's back-off: 0.1 s, doubled each time up to a minute, forgotten after ten seconds of running. */
const FIRST_WAIT = 100
const LONGEST_WAIT = 60_000
const STEADY = 10_000_000_000n

/** Whether the policy brings a container back that has ended by itself. */
export function wantsRestart({ host, restartCount, stoppedByUser }: ContainerRecord, exit: Exit): boolean {
  const { name, maximumRetryCount } = host.restartPolicy
  if (stoppedByUser || name === 'no') return false
  if (name !== 'on-failure') return true
  return exit.code !== 0 && (maximumRetryCount === 0 || restartCount < maximumRetryCount)
}

/** Whether a container that is not running comes up with the daemon. */
export function wantsStartWithDaemon({ host, state, stoppedByUser }: ContainerRecord): boolean {
  if (state.status !== 'exited' && state.status !== 'restarting') return false
  const { name } = host.restartPolicy
  if (name === 'always') return true
  if (name === 'unless-stopped') return !stoppedByUser
  return name === 'on-failure' && !stoppedByUser && state.exit.code !== 0
}

/** Milliseconds to wait before the next start; remembers it for the one after. */
export function backOffAfter(entry: { backOff: number; readonly record: ContainerRecord }, exit: Exit): number {
  const { state } = entry.record
  const ran = 'startedAt' in state && state.startedAt !== undefined ? exit.at - state.startedAt : 0n
  const wait = ran > STEADY || entry.backOff === 0 ? FIRST_WAIT : Math.min(entry.backOff * 2, LONGEST_WAIT)
  entry.backOff = wait
  return wait
}
