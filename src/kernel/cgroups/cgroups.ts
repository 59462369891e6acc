import { closeSync, constants, openSync, promises, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/index.ts'
import { listMounts } from '../mounts/mounts.ts'
import { KernelError } from '../native/kernel-error.ts'
import { killProcess } from '../processes/processes.ts'
import { type CgroupLayout, layoutOf, ownCgroups } from './layout.ts'
import { mountLeftControllers } from './repair.ts'
import { childFolders, processesBelow, readIfThere, removeTree } from './tree.ts'

/** Control groups by their path below each hierarchy's root (`/slipway/<id>`), whatever layout the host has. */
export interface Cgroups {
  readonly mode: CgroupLayout['mode']
  /** Those mounted as v1, or those that the unified hierarchy has, which knows no `devices` and `freezer`. */
  readonly controllers: ReadonlySet<string>
  /**
   * Mounts controllers that the host left on the unified hierarchy as v1 beside the others, since a runtime refuses
   * such a mixture; gives their names. Does nothing on pure hosts. Idempotent. EBUSY when somebody uses one of them.
   */
  repair(): readonly string[]
  /** Makes the next move of a process into a cgroup fast, by a write that changes nothing. Never fails. */
  prewarm(): Promise<void>
  /** The folders of a cgroup in every hierarchy. */
  paths(cgroup: string): readonly string[]
  /** Removes a cgroup and those below it in every hierarchy; waits a little for dying processes. Idempotent. */
  remove(cgroup: string): Promise<void>
  /** Names of the cgroups directly below `parent`, from all hierarchies. */
  list(parent: string): readonly string[]
  /** All processes stand still, or go on, when this returns. EBUSY when they cannot be stopped: then they go on. */
  freeze(cgroup: string, frozen: boolean): void
  /** Process ids of the cgroup and those below it. Empty when it does not exist. */
  processes(cgroup: string): readonly number[]
  /** Also those that are born while it works. What is frozen dies when it is thawed. */
  killAll(cgroup: string, signal: number): void
  /** How many processes the kernel has killed here for lack of memory. */
  oomKills(cgroup: string): number
  /** The content of a control file, such as `memory.limit_in_bytes`; undefined when it does not exist. */
  read(cgroup: string, file: string): string | undefined
  /** ENOENT for a file that does not exist. */
  write(cgroup: string, file: string, value: string): void
}

/** Two no-op writes within this time share one: after a first one the kernel's lock stays cheap for some 10 to 20 ms. */
const PREWARM_MS = 8
/** A process that is being born, or waits for a disk, may miss the order to freeze for as long. */
const FREEZE_MS = 500
/** Rounds in which killing may find processes born meanwhile. */
const MOST_ROUNDS = 100
const SIGKILL = 9
const ENOENT = 2
const EBUSY = 16

export function openCgroups(): Cgroups {
  let layout = layoutOf(listMounts())
  let warmed = Number.NEGATIVE_INFINITY

  const unifiedRoot = (): string => layout.unified ?? ''
  const paths = (cgroup: string): readonly string[] => layout.roots.map((root) => folderIn(root, cgroup))

  /** In v1 the file's name says whose it is. */
  function fileOf(cgroup: string, file: string): string | undefined {
    const controller = file.slice(0, Math.max(0, file.indexOf('.')))
    const root = layout.mode === 'v2' ? layout.unified : layout.controllers.get(controller)
    return root === undefined ? undefined : join(folderIn(root, cgroup), file)
  }

  function read(cgroup: string, file: string): string | undefined {
    const path = fileOf(cgroup, file)
    return path === undefined ? undefined : readIfThere(path)
  }

  function write(cgroup: string, file: string, value: string): void {
    const path = fileOf(cgroup, file)
    if (path === undefined) throw new KernelError(ENOENT, 'open', { path: file })
    // Without O_CREAT, which cgroup filesystems answer with EPERM.
    const fd = openSync(path, constants.O_WRONLY)
    try {
      writeSync(fd, value)
    } finally {
      closeSync(fd)
    }
  }

  function repair(): readonly string[] {
    const mounted = mountLeftControllers(layout)
    if (mounted.length > 0) layout = layoutOf(listMounts())
    return mounted
  }

  async function prewarm(): Promise<void> {
    const now = performance.now()
    if (now - warmed < PREWARM_MS) return
    warmed = now
    const file = ownProcsFile(layout)
    if (file) await promises.writeFile(file, String(process.pid), { flag: 'r+' }).catch(() => {})
  }

  function processes(cgroup: string): readonly number[] {
    const root = layout.mode === 'v2' ? layout.unified : (layout.controllers.get('pids') ?? layout.roots[0])
    return root === undefined ? [] : processesBelow(folderIn(root, cgroup))
  }

  function isFrozen(cgroup: string): boolean {
    if (layout.mode === 'v2') return /^frozen 1$/m.test(read(cgroup, 'cgroup.events') ?? '')
    return read(cgroup, 'freezer.state')?.trim() === 'FROZEN'
  }

  function order(cgroup: string, frozen: boolean): void {
    if (layout.mode === 'v2') write(cgroup, 'cgroup.freeze', frozen ? '1' : '0')
    else write(cgroup, 'freezer.state', frozen ? 'FROZEN' : 'THAWED')
  }

  function freeze(cgroup: string, frozen: boolean): void {
    order(cgroup, frozen)
    const deadline = performance.now() + FREEZE_MS
    while (frozen && !isFrozen(cgroup)) {
      if (performance.now() > deadline) {
        order(cgroup, false)
        throw new KernelError(EBUSY, 'freeze', { path: cgroup, words: 'its processes cannot be stopped' })
      }
      // Asking again catches those that were just being born (freezer-subsystem.rst).
      order(cgroup, true)
    }
  }

  function killAll(cgroup: string, signal: number): void {
    if (signal === SIGKILL && layout.mode === 'v2' && killByFile(cgroup)) return
    const seen = new Set<number>()
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const fresh = processes(cgroup).filter((pid) => !seen.has(pid))
      if (fresh.length === 0) return
      for (const pid of fresh) {
        seen.add(pid)
        killProcess(pid, signal)
      }
    }
  }

  /** Since Linux 5.14 the kernel does it in one go. */
  function killByFile(cgroup: string): boolean {
    assertNotRoot(cgroup)
    try {
      write(cgroup, 'cgroup.kill', '1')
      return true
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENODEV')) return false
      throw error
    }
  }

  return {
    get mode() {
      return layout.mode
    },
    get controllers() {
      if (layout.mode !== 'v2') return new Set(layout.controllers.keys())
      return new Set((readIfThere(join(unifiedRoot(), 'cgroup.controllers')) ?? '').split(/\s+/).filter(Boolean))
    },
    repair,
    prewarm,
    paths,
    remove: async (cgroup) => {
      assertNotRoot(cgroup)
      const results = await Promise.allSettled(paths(cgroup).map(removeTree))
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
    list: (parent) => Array.from(new Set(paths(parent).flatMap(childFolders))),
    freeze: (cgroup, frozen) => {
      assertNotRoot(cgroup)
      freeze(cgroup, frozen)
    },
    processes,
    killAll: (cgroup, signal) => {
      assertNotRoot(cgroup)
      killAll(cgroup, signal)
    },
    oomKills: (cgroup) => {
      const text = read(cgroup, layout.mode === 'v2' ? 'memory.events' : 'memory.oom_control') ?? ''
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
    },
    read,
    write,
  }
}

/** A request may name its own parent of cgroups: it must not lead out of the hierarchy. */
function folderIn(root: string, cgroup: string): string {
  if (cgroup.split('/').includes('..')) throw new TypeError(`not a cgroup: ${JSON.stringify(cgroup)}`)
  return join(root, cgroup)
}

/** The root is everybody: to kill, stop or remove it is nobody's intention. */
function assertNotRoot(cgroup: string): void {
  if (cgroup.split('/').every((part) => part === '' || part === '.')) throw new TypeError('the root cgroup is meant')
}

function ownProcsFile(layout: CgroupLayout): string | undefined {
  const own = ownCgroups(readFileSync('/proc/self/cgroup', 'utf8'))
  if (layout.mode === 'v2') return layout.unified && join(layout.unified, own.get('') ?? '/', 'cgroup.procs')
  for (const [controller, root] of layout.controllers) {
    const path = own.get(controller)
    if (path !== undefined) return join(root, path, 'cgroup.procs')
  }
  return undefined
}
