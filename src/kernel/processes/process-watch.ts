import { hasCode } from '../../base/index.ts'
import { check } from '../native/call.ts'
import { systemCalls } from '../native/libc.ts'
import { watchReadiness } from '../streams/polled-fd.ts'
import { isProcessAlive } from './processes.ts'

export interface ProcessWatch extends Disposable {
  /** Resolves when the process has ended (it may be a zombie still), or after disposal. Never rejects. */
  readonly ended: Promise<void>
}

/**
 * Watches a process that need not be a child, by its pidfd: no polling, and never another process of the same number.
 * `startTime` says which one is meant. Does not keep the program alive.
 */
export function watchProcess(pid: number, startTime?: string): ProcessWatch {
  const pidfd = openPidfd(pid)
  if (pidfd === undefined) return gone()
  const { ready, close } = watchReadiness(pidfd)
  // Asked after the pidfd is held: from here on the number cannot pass to another process unnoticed.
  if (startTime !== undefined && !isProcessAlive(pid, startTime)) {
    close()
    return gone()
  }
  return { ended: ready, [Symbol.dispose]: close }
}

function gone(): ProcessWatch {
  return { ended: Promise.resolve(), [Symbol.dispose]: () => {} }
}

function openPidfd(pid: number): number | undefined {
  try {
    return check(systemCalls.pidfdOpen(pid, 0), 'pidfd_open', String(pid))
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return undefined
    throw error
  }
}
