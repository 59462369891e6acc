import { AT_FDCWD, check, lastErrno, libc, SYSCALL, syscall } from '../native/libc.ts'

const AT_SYMLINK_NOFOLLOW = 0x100
const ENODATA = 61
const EOPNOTSUPP = 95
/** XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
const XATTR_MAX = 65_536

const scratch = Buffer.alloc(XATTR_MAX)

/** The value of an extended attribute of the file itself, never of what a link names; undefined when it has none. */
export function getXattr(path: string, name: string): Buffer | undefined {
  const length = Number(libc.lgetxattr(path, name, scratch, scratch.length))
  if (length >= 0) return Buffer.from(scratch.subarray(0, length))
  if (lastErrno() === ENODATA || lastErrno() === EOPNOTSUPP) return undefined
  check(length, 'lgetxattr', path)
  return undefined
}

/** Names of all extended attributes of the file itself. */
export function listXattrs(path: string): readonly string[] {
  const length = Number(libc.llistxattr(path, scratch, scratch.length))
  if (length < 0 && lastErrno() === EOPNOTSUPP) return []
  check(length, 'llistxattr', path)
  return scratch
    .toString('utf8', 0, length)
    .split('\0')
    .filter((name) => name !== '')
}

export function setXattr(path: string, name: string, value: Uint8Array): void {
  check(libc.lsetxattr(path, name, value, value.length, 0), 'lsetxattr', path)
}

export function removeXattr(path: string, name: string): void {
  check(libc.lremovexattr(path, name), 'lremovexattr', path)
}

/** mknod(2): `mode` holds the type (S_IFCHR, S_IFBLK, S_IFIFO) and the permissions. */
export function makeNode(
  path: string,
  { mode, major = 0, minor = 0 }: { readonly mode: number; readonly major?: number; readonly minor?: number },
): void {
  check(libc.mknod(path, mode, joinDevice(major, minor)), 'mknod', path)
}

/** glibc's encoding of device numbers. */
function joinDevice(major: number, minor: number): bigint {
  const [a, i] = [BigInt(major), BigInt(minor)]
  return (i & 0xffn) | ((a & 0xfffn) << 8n) | ((i & ~0xffn) << 12n) | ((a & ~0xfffn) << 32n)
}

/** Parts of a device number as `stat` gives it. */
export function splitDevice(device: number): { readonly major: number; readonly minor: number } {
  const value = BigInt(device)
  return {
    major: Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & ~0xfffn)),
    minor: Number((value & 0xffn) | ((value >> 12n) & 0xffffff00n)),
  }
}

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

function timespecs({ mtime, atime = mtime }: FileTimes): Buffer {
  const bytes = Buffer.alloc(32)
  for (const [at, time] of [atime, mtime].entries()) {
    const nanoseconds = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
    bytes.writeBigInt64LE((time - nanoseconds) / 1_000_000_000n, at * 16)
    bytes.writeBigInt64LE(nanoseconds, at * 16 + 8)
  }
  return bytes
}

const RESOLVE = { 'no-symlinks': 0x04 | 0x02, beneath: 0x08 | 0x02, 'in-root': 0x10 | 0x02 } as const

/**
 * openat2(2): opens `path` below `root` so that neither `..` nor links lead out. `in-root` takes absolute links as
 * starting at the root, as inside a chroot; `beneath` refuses them. Magic links are always refused. The caller closes.
 */
export function openBeneath(
  root: string | number,
  path: string,
  {
    flags,
    mode = 0,
    resolve,
  }: { readonly flags: number; readonly mode?: number; readonly resolve: keyof typeof RESOLVE },
): number {
  const O_PATH_DIRECTORY = 0o12200000
  const folder = typeof root === 'number' ? root : check(libc.open(root, O_PATH_DIRECTORY, 0), 'open', root)
  try {
    const how = Buffer.alloc(24)
    how.writeBigUInt64LE(BigInt(flags), 0)
    how.writeBigUInt64LE(BigInt(mode), 8)
    how.writeBigUInt64LE(BigInt(RESOLVE[resolve]), 16)
    return check(
      syscall(SYSCALL.openat2, 'int', folder, 'str', path, 'void *', how, 'size_t', how.length),
      'openat2',
      path,
    )
  } finally {
    if (typeof root !== 'number') libc.close(folder)
  }
}

const FILESYSTEMS: Readonly<Record<number, string>> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
  26985: 'nfs',
  801189825: 'zfs',
  4076150800: 'f2fs',
  1702057286: 'fuse',
  1667723888: 'cgroup2',
  2613483: 'cgroup',
}

/** The type of the filesystem that holds `path`, as Docker names it; the magic number in hex when unknown. */
export function filesystemType(path: string): string {
  const result = Buffer.alloc(256)
  check(libc.statfs(path, result), 'statfs', path)
  const magic = Number(result.readBigUInt64LE(0) & 0xffffffffn)
  return FILESYSTEMS[magic] ?? `0x${magic.toString(16)}`
}

const LOCK_EX = 2
const LOCK_NB = 4

/** Takes the exclusive lock of an open file without waiting; false when another process holds it. Ends with the fd. */
export function tryLockFile(fd: number): boolean {
  if (libc.flock(fd, LOCK_EX | LOCK_NB) === 0) return true
  if (lastErrno() === 11) return false
  check(-1, 'flock')
  return false
}
