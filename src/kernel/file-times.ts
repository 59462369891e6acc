import type { Path } from './xattrs.ts'

export interface FileTimes {
  /** Nanoseconds since the epoch, may be negative. */
  readonly mtime: bigint
  /** Default: `mtime`. */
  readonly atime?: bigint
}

/** Sets times to the nanosecond; of a symbolic link itself, not of what it names. */
export declare function setTimes(path: Path, times: FileTimes): void
export declare function setTimesFd(fd: number, times: FileTimes): void
