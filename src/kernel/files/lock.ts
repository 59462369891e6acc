import { check, lastErrno } from '../native/call.ts'
import { libc } from '../native/libc.ts'

const LOCK_EX = 2
const LOCK_NB = 4
const EWOULDBLOCK = 11

/**
 * Takes the exclusive lock of an open file without waiting; false when somebody else holds it. The lock belongs to the
 * open file: it ends when all fds for it are closed.
 */
export function tryLockFile(fd: number): boolean {
  const result = libc.flock(fd, LOCK_EX | LOCK_NB)
  if (result < 0 && lastErrno() === EWOULDBLOCK) return false
  check(result, 'flock')
  return true
}
