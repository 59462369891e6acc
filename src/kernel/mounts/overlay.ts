import { closeSync, constants, openSync, readSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { check, lastErrno } from '../native/call.ts'
import { closeFd, O_PATH } from '../native/fd.ts'
import { KernelError } from '../native/kernel-error.ts'
import { systemCalls } from '../native/libc.ts'
import { bindMount, mount } from './mounts.ts'

export interface OverlayOptions {
  /** Topmost first; at least one. The folders may hold `:` and `,`. */
  readonly lower: readonly string[]
  readonly upper?: string
  readonly work?: string
  readonly target: string
  /** No syncs at all: only where the upper folder is thrown away. */
  readonly volatile?: boolean
  /** `name=value` or `name`, as in mount(8). */
  readonly options?: readonly string[]
}

/**
 * Mounts an overlay, read-only without `upper`. A single lower folder without `upper` is bound as it is, whiteouts and
 * all: the kernel makes no overlay of it. Fails with the kernel's words, before anything is mounted.
 */
export function mountOverlay(overlay: OverlayOptions): void {
  const [only, second] = overlay.lower
  if (only !== undefined && second === undefined && overlay.upper === undefined) {
    bindMount({ source: only, target: overlay.target, readonly: true })
    return
  }
  try {
    mountByContext(overlay)
  } catch (error) {
    if (!hasCode(error, 'EINVAL')) throw error
    mountBefore68(overlay, error)
  }
}

/** The kernel knows `lowerdir+` since Linux 6.8. When it does, it says EINVAL again and its first words are the better. */
function mountBefore68(overlay: OverlayOptions, first: unknown): void {
  try {
    mountOverlayClassic(overlay)
  } catch (error) {
    throw hasCode(error, 'EINVAL') ? first : error
  }
}

const FSCONFIG = { setFlag: 0, setString: 1, create: 6 } as const
const MOVE_MOUNT_F_EMPTY_PATH = 4
const AT_FDCWD = -100
/** fsopen and fsmount take CLOEXEC as bit 0. */
const CLOEXEC = 1
const MOST_WORDS = 16

function mountByContext(overlay: OverlayOptions): void {
  const context = check(systemCalls.fsopen('overlay', CLOEXEC), 'fsopen', 'overlay')
  try {
    const configure = (command: number, key: string | null, value: string | null): void => {
      if (systemCalls.fsconfig(context, command, key, value, 0) >= 0) return
      const errno = lastErrno()
      const words = wordsOf(context)
      throw new KernelError(errno, 'mount overlay', { path: value ?? overlay.target, ...(words && { words }) })
    }
    for (const [key, value] of optionsOf(overlay)) {
      configure(value === null ? FSCONFIG.setFlag : FSCONFIG.setString, key, value)
    }
    configure(FSCONFIG.create, null, null)
    attach(context, overlay.target)
  } finally {
    closeFd(context)
  }
}

function* optionsOf({ lower, upper, work, volatile = false, options = [] }: OverlayOptions) {
  for (const folder of lower) yield ['lowerdir+', folder] as const
  // These two keep their escapes, whatever the layers have.
  if (upper !== undefined) yield ['upperdir', upper.replaceAll('\\', '\\\\')] as const
  if (work !== undefined) yield ['workdir', work.replaceAll('\\', '\\\\')] as const
  for (const option of [...options, ...(volatile ? ['volatile'] : [])]) {
    const equals = option.indexOf('=')
    yield equals < 0 ? ([option, null] as const) : ([option.slice(0, equals), option.slice(equals + 1)] as const)
  }
}

function attach(context: number, target: string): void {
  const tree = check(systemCalls.fsmount(context, CLOEXEC, 0), 'fsmount', target)
  try {
    check(systemCalls.moveMount(tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), 'move_mount', target)
  } finally {
    closeFd(tree)
  }
}

/** What the kernel wrote about a failure, a line for each read: `e overlay: workdir and upperdir must be separate`. */
function wordsOf(context: number): string {
  const lines: string[] = []
  const line = Buffer.alloc(1024)
  try {
    while (lines.length < MOST_WORDS) lines.push(line.toString('utf8', 0, readSync(context, line)).trim())
  } catch {
    // ENODATA: that was all. Whatever else it is, the failure to tell of is another.
  }
  return lines.map((text) => text.replace(/^[ewi] /, '')).join('; ')
}

/** mount(2) cuts its options at a page. */
const LONGEST_OPTIONS = 4000

/**
 * One call of mount(2). Layers whose paths do not fit into its options are named by file descriptors: 200 do for sure.
 * Without words of the kernel.
 */
export function mountOverlayClassic({
  lower,
  upper,
  work,
  target,
  volatile = false,
  options = [],
}: OverlayOptions): void {
  const data = (lowers: readonly string[]): string =>
    [
      `lowerdir=${lowers.join(':')}`,
      ...(upper === undefined ? [] : [`upperdir=${escapePath(upper)}`]),
      ...(work === undefined ? [] : [`workdir=${escapePath(work)}`]),
      ...options,
      ...(volatile ? ['volatile'] : []),
    ].join(',')
  const plain = data(lower.map(escapePath))
  if (Buffer.byteLength(plain) <= LONGEST_OPTIONS) {
    mount({ source: 'overlay', target, type: 'overlay', data: plain })
    return
  }
  using stack = new DisposableStack()
  const short = lower.map((folder) => {
    const fd = openSync(folder, O_PATH | constants.O_DIRECTORY)
    stack.defer(() => closeSync(fd))
    return `/proc/self/fd/${fd}`
  })
  mount({ source: 'overlay', target, type: 'overlay', data: data(short) })
}

function escapePath(path: string): string {
  return path.replace(/[\\:,]/g, '\\$&')
}
