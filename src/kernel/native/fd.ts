import { check, lastErrno } from './call.ts'
import { libc } from './libc.ts'

/** Flags of open(2) that node:fs does not name; like all of them used here they are the same on amd64 and arm64. */
export const O_CLOEXEC = 0o2000000
export const O_NONBLOCK = 0o4000
export const O_NOCTTY = 0o400
export const O_RDWR = 2
export const O_PATH = 0o10000000

const EINTR = 4
const F_DUPFD = 0
const F_DUPFD_CLOEXEC = 1030

/** Throws EBADF for an fd that is not open: closing twice might close what somebody else has opened meanwhile. */
export function closeFd(fd: number): void {
  const result = libc.close(fd)
  // Linux has closed it even when it says that it was interrupted.
  if (result < 0 && lastErrno() !== EINTR) check(result, 'close')
}

/** Another fd for the same open file, number 3 or above. Without `cloexec` child processes inherit it. */
export function duplicateFd(fd: number, { cloexec = true }: { readonly cloexec?: boolean } = {}): number {
  return check(libc.fcntl(fd, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, 3), 'fcntl')
}
