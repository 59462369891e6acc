import { readFileSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { check, checkAsync } from '../native/call.ts'
import { libc, systemCalls } from '../native/libc.ts'
import { type MountEntry, parseMountinfo } from './mountinfo.ts'

export const MS = {
  readonly: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  remount: 0x20,
  bind: 0x1000,
  recursive: 0x4000,
  private: 0x40000,
  slave: 0x80000,
  shared: 0x100000,
} as const

export type Propagation = 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave'

const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8
const AT_FDCWD = -100
const AT_RECURSIVE = 0x8000
const MOUNT_ATTR_RDONLY = 1n
/** struct mount_attr: set, clear, propagation, user namespace. */
const MOUNT_ATTR_SIZE = 32

export interface MountOptions {
  readonly source: string
  readonly target: string
  readonly type?: string
  readonly flags?: number
  readonly data?: string
}

/** mount(2) as it is. */
export function mount({ source, target, type, flags = 0, data }: MountOptions): void {
  const name = type === undefined ? 'mount' : `mount ${type}`
  check(libc.mount(source, target, type ?? null, flags, data ?? null), name, target)
}

/**
 * Makes `source` appear at `target`, which exists and is of the same sort (file or folder). `readonly` adds to the flags
 * that the source's mount has; with `recursive` it holds for the mounts below too. Nothing stays mounted on failure.
 */
export function bindMount({
  source,
  target,
  recursive = false,
  readonly = false,
  propagation,
}: {
  readonly source: string
  readonly target: string
  readonly recursive?: boolean
  readonly readonly?: boolean
  readonly propagation?: Propagation
}): void {
  mount({ source, target, flags: MS.bind | (recursive ? MS.recursive : 0) })
  try {
    if (readonly) makeReadonly(target, recursive)
    if (propagation) setPropagation(target, propagation)
  } catch (error) {
    unmountSync(target, { detach: true })
    throw error
  }
}

/** mount_setattr(2): a remount would take away nosuid, nodev and noexec. */
function makeReadonly(target: string, recursive: boolean): void {
  const attributes = Buffer.alloc(MOUNT_ATTR_SIZE)
  attributes.writeBigUInt64LE(MOUNT_ATTR_RDONLY, 0)
  const flags = recursive ? AT_RECURSIVE : 0
  check(systemCalls.mountSetattr(AT_FDCWD, target, flags, attributes, MOUNT_ATTR_SIZE), 'mount_setattr', target)
}

/** Changes how mounts below `target` spread to and from its peers. */
export function setPropagation(target: string, propagation: Propagation): void {
  const recursive = propagation.startsWith('r')
  const kind = (recursive ? propagation.slice(1) : propagation) as 'private' | 'shared' | 'slave'
  mount({ source: '', target, flags: MS[kind] | (recursive ? MS.recursive : 0) })
}

export interface UnmountOptions {
  /** The mount vanishes at once and ends when nobody uses it any more. */
  readonly detach?: boolean
}

/**
 * Unmounts off the event loop: an overlay with dirty pages may take a quarter of a second. Idempotent: what is not
 * mounted or not there is fine. A link in the last place is not followed. EBUSY while somebody uses it.
 */
export async function unmount(target: string, { detach = false }: UnmountOptions = {}): Promise<void> {
  try {
    await checkAsync(libc.umount2, [target, unmountFlags(detach)], { name: 'umount', path: target })
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

/** The same in one blocking call. */
export function unmountSync(target: string, { detach = false }: UnmountOptions = {}): void {
  try {
    check(libc.umount2(target, unmountFlags(detach)), 'umount', target)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

function unmountFlags(detach: boolean): number {
  return UMOUNT_NOFOLLOW | (detach ? MNT_DETACH : 0)
}

function isAbsent(error: unknown): boolean {
  return hasCode(error, 'EINVAL', 'ENOENT')
}

/** All mounts of this process's namespace, in the order of the kernel's table. */
export function listMounts(): readonly MountEntry[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
}

/** Whether something is mounted exactly on `path`, an absolute path without links, `..` and slashes too many. */
export function isMountPoint(path: string): boolean {
  return listMounts().some(({ target }) => target === path)
}
