import { KernelError } from '../native/errors.ts'
import { check, SYSCALL, syscall } from '../native/libc.ts'
import { watchReadiness } from '../streams/polled-fd.ts'
import { isProcessAlive } from './processes.ts'

const ESRCH = 3

export interface ProcessWatch extends Disposable {
  /** Resolves when the process has ended (it may be a zombie still), or after disposal. Never rejects. */
  readonly ended: Promise<void>
}

/**
 * Watches a process that need not be a child, by its pidfd: no polling, and never another process of the same number.
 * `startTime` says which one is meant. Does not keep the program alive.
 */
export function watchProcess(pid: number, startTime?: string): ProcessWatch {
  const gone: ProcessWatch = { ended: Promise.resolve(), [Symbol.dispose]: () => {} }
  let pidfd: number
  try {
    pidfd = check(syscall(SYSCALL.pidfdOpen, 'int', pid, 'uint', 0), 'pidfd_open', String(pid))
  } catch (error) {
    if (error instanceof KernelError && error.errno === ESRCH) return gone
    throw error
  }
  const { ready, close } = watchReadiness(pidfd)
  // Asked after the pidfd is held: from here on the number cannot pass to another process unnoticed.
  if (startTime !== undefined && !isProcessAlive(pid, startTime)) {
    close()
    return gone
  }
  return { ended: ready, [Symbol.dispose]: close }
}
