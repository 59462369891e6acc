import { closeSync, openSync } from 'node:fs'
import { check, checkAsync, lastErrno } from '../native/call.ts'
import { closeFd } from '../native/fd.ts'
import { libc, systemCalls } from '../native/libc.ts'

/** f_type of statfs(2). */
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

const FSOPEN_CLOEXEC = 1
const ENODEV = 19
/** More than struct statfs, which begins with f_type in eight bytes. */
const STATFS_SIZE = 256

/** The type of the filesystem that holds `path`, as Docker names it; the magic number in hex when unknown. */
export function filesystemType(path: string): string {
  const result = Buffer.alloc(STATFS_SIZE)
  check(libc.statfs(path, result), 'statfs', path)
  const magic = result.readUInt32LE(0)
  return FILESYSTEMS[magic] ?? `0x${magic.toString(16)}`
}

/** Whether the kernel knows this type of filesystem; its module is loaded if need be. Needs CAP_SYS_ADMIN. */
export function hasFilesystem(type: string): boolean {
  const context = systemCalls.fsopen(type, FSOPEN_CLOEXEC)
  if (context < 0 && lastErrno() === ENODEV) return false
  closeFd(check(context, 'fsopen', type))
  return true
}

/** Writes everything of the filesystem that holds `path` to disk, off the event loop. */
export async function syncFilesystem(path: string): Promise<void> {
  const fd = openSync(path, 'r')
  try {
    await checkAsync(libc.syncfs, [fd], { name: 'syncfs', path })
  } finally {
    closeSync(fd)
  }
}
