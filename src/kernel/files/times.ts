import { check } from '../native/call.ts'
import { libc } from '../native/libc.ts'

const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100
const SECOND = 1_000_000_000n

export interface FileTimes {
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint
  /** Default: the same as mtime. */
  readonly atime?: bigint
}

/** Sets the times of the file itself, in nanoseconds. */
export function setTimes(path: string, times: FileTimes): void {
  check(libc.utimensat(AT_FDCWD, path, timespecs(times), AT_SYMLINK_NOFOLLOW), 'utimensat', path)
}

export function setTimesFd(fd: number, times: FileTimes): void {
  check(libc.futimens(fd, timespecs(times)), 'futimens')
}

/** Two of struct timespec; before the epoch the seconds are negative and the nanoseconds count forward all the same. */
export function timespecs({ mtime, atime = mtime }: FileTimes): Buffer {
  const bytes = Buffer.alloc(32)
  for (const [at, time] of [atime, mtime].entries()) {
    const nanoseconds = ((time % SECOND) + SECOND) % SECOND
    bytes.writeBigInt64LE((time - nanoseconds) / SECOND, at * 16)
    bytes.writeBigInt64LE(nanoseconds, at * 16 + 8)
  }
  return bytes
}
