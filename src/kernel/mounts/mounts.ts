import { closeSync, openSync, readFileSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { KernelError } from '../native/errors.ts'
import { AT_FDCWD, callAsync, check, closeFd, libc, SYSCALL, syscall } from '../native/libc.ts'
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
const FSCONFIG = { setFlag: 0, setString: 1, create: 6 } as const
const MOVE_MOUNT_F_EMPTY_PATH = 4
/** fsopen, fsconfig and fsmount take CLOEXEC as bit 0. */
const CLOEXEC = 1

export interface OverlayOptions {
  /** Topmost first; at least one. The folders may hold `:` and `,`. */
  readonly lower: readonly string[]
  readonly upper?: string
  readonly work?: string
  readonly target: string
  /** No syncs at all: only where the upper folder is thrown away. */
  readonly volatile?: boolean
  readonly options?: readonly string[]
}

/** Mounts an overlay, read-only without `upper`. Uses the mount API of Linux 6.5, or mount(2) on older kernels. */
export function mountOverlay(overlay: OverlayOptions): void {
  const [only, second] = overlay.lower
  if (only !== undefined && second === undefined && overlay.upper === undefined) {
    // The kernel wants two lower folders where nothing can be written; one alone needs no overlay.
    bindMount({ source: only, target: overlay.target, readonly: true })
    return
  }
  try {
    mountOverlayByApi(overlay)
  } catch (error) {
    if (!hasCode(error, 'ENOSYS', 'EINVAL')) throw error
    mountOverlayClassic(overlay)
  }
}

function mountOverlayByApi({ lower, upper, work, target, volatile = false, options = [] }: OverlayOptions): void {
  const fs = check(syscall(SYSCALL.fsopen, 'str', 'overlay', 'uint', CLOEXEC), 'fsopen', 'overlay')
  try {
    const set = (key: string, value: string): void => {
      check(
        syscall(SYSCALL.fsconfig, 'int', fs, 'uint', FSCONFIG.setString, 'str', key, 'str', value, 'int', 0),
        `fsconfig ${key}`,
        value,
      )
    }
    for (const folder of lower) set('lowerdir+', folder)
    if (upper !== undefined) set('upperdir', upper)
    if (work !== undefined) set('workdir', work)
    for (const option of [...options, ...(volatile ? ['volatile'] : [])]) {
      const [key = '', value] = option.split('=', 2)
      if (value !== undefined) set(key, value)
      else
        check(
          syscall(SYSCALL.fsconfig, 'int', fs, 'uint', FSCONFIG.setFlag, 'str', key, 'void *', null, 'int', 0),
          `fsconfig ${key}`,
        )
    }
    check(
      syscall(SYSCALL.fsconfig, 'int', fs, 'uint', FSCONFIG.create, 'void *', null, 'void *', null, 'int', 0),
      'fsconfig create overlay',
      target,
    )
    const mountFd = check(syscall(SYSCALL.fsmount, 'int', fs, 'uint', CLOEXEC, 'uint', 0), 'fsmount', target)
    try {
      moveMount(mountFd, target)
    } finally {
      closeFd(mountFd)
    }
  } finally {
    closeFd(fs)
  }
}

function moveMount(mountFd: number, target: string): void {
  check(
    syscall(
      SYSCALL.moveMount,
      'int',
      mountFd,
      'str',
      '',
      'int',
      AT_FDCWD,
      'str',
      target,
      'uint',
      MOVE_MOUNT_F_EMPTY_PATH,
    ),
    'move_mount',
    target,
  )
}

function mountOverlayClassic({ lower, upper, work, target, volatile = false, options = [] }: OverlayOptions): void {
  const quote = (path: string): string => path.replaceAll('\\', '\\\\').replaceAll(':', '\\:').replaceAll(',', '\\,')
  const data = [
    `lowerdir=${lower.map(quote).join(':')}`,
    ...(upper === undefined ? [] : [`upperdir=${quote(upper)}`]),
    ...(work === undefined ? [] : [`workdir=${quote(work)}`]),
    ...options,
    ...(volatile ? ['volatile'] : []),
  ].join(',')
  mount({ source: 'overlay', target, type: 'overlay', data })
}

export interface MountOptions {
  readonly source: string
  readonly target: string
  readonly type?: string
  readonly flags?: number
  readonly data?: string
}

/** mount(2) as it is. */
export function mount({ source, target, type, flags = 0, data }: MountOptions): void {
  check(libc.mount(source, target, type ?? null, flags, data ?? null), `mount ${type ?? ''}`.trim(), target)
}

/** Makes `source` appear at `target`, which exists and is of the same sort (file or folder). */
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
    if (readonly) mount({ source: '', target, flags: MS.bind | MS.remount | MS.readonly })
    if (propagation) setPropagation(target, propagation)
  } catch (error) {
    unmountSync(target, { detach: true })
    throw error
  }
}

/** Changes how mounts below `target` spread to and from its peers. */
export function setPropagation(target: string, propagation: Propagation): void {
  const recursive = propagation.startsWith('r')
  const kind = (recursive ? propagation.slice(1) : propagation) as 'private' | 'shared' | 'slave'
  mount({ source: '', target, flags: MS[kind] | (recursive ? MS.recursive : 0) })
}

/**
 * Unmounts off the event loop: an overlay with dirty pages may take a quarter of a second. With `detach` it vanishes at
 * once and ends when nobody uses it any more. Idempotent: what is not mounted or not there is fine.
 */
export async function unmount(target: string, { detach = false }: { readonly detach?: boolean } = {}): Promise<void> {
  const { result } = await callAsync(libc.umount2, [target, detach ? MNT_DETACH : 0])
  // errno belongs to the pool's thread: the same call again, here, fails at once and says why.
  if (result < 0) unmountSync(target, { detach })
}

/** The same in one blocking call. */
export function unmountSync(target: string, { detach = false }: { readonly detach?: boolean } = {}): void {
  try {
    check(libc.umount2(target, detach ? MNT_DETACH : 0), 'umount', target)
  } catch (error) {
    if (!hasCode(error, 'EINVAL', 'ENOENT')) throw error
  }
}

/** All mounts of this process's namespace, in the order of the kernel's table. */
export function listMounts(): readonly MountEntry[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
}

/** Whether something is mounted exactly on `path`. */
export function isMountPoint(path: string): boolean {
  return listMounts().some(({ target }) => target === path)
}

/** Writes everything of the filesystem that holds `path` to disk, off the event loop. */
export async function syncFilesystem(path: string): Promise<void> {
  const fd = openSync(path, 'r')
  try {
    const { result } = await callAsync(libc.syncfs, [fd])
    if (result < 0) throw new KernelError(5, 'syncfs', path)
  } finally {
    closeSync(fd)
  }
}
