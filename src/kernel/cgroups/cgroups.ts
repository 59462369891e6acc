import { mkdirSync, promises, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { delay, hasCode } from '../../base/index.ts'
import { listMounts, mount } from '../mounts/mounts.ts'
import { killProcess } from '../processes/processes.ts'
import { type CgroupLayout, layoutOf, ownCgroups } from './layout.ts'

/** Two no-op writes within this time share one: after a first one the kernel's lock stays cheap for some 10 to 20 ms. */
const PREWARM_MS = 8

/** Control groups by their path below each hierarchy's root (`/slipway/<id>`), whatever layout the host has. */
export interface Cgroups {
  readonly mode: CgroupLayout['mode']
  readonly controllers: ReadonlySet<string>
  /**
   * Mounts controllers that the host left on the unified hierarchy as v1 beside the others, since a runtime refuses
   * such a mixture; gives their names. Does nothing on pure hosts. Idempotent.
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
  freeze(cgroup: string, frozen: boolean): void
  /** Process ids of the cgroup and those below it. Empty when it does not exist. */
  processes(cgroup: string): readonly number[]
  killAll(cgroup: string, signal: number): void
  /** How many processes the kernel has killed here for lack of memory. */
  oomKills(cgroup: string): number
  /** The content of a control file, such as `memory.limit_in_bytes`; undefined when it does not exist. */
  read(cgroup: string, file: string): string | undefined
  write(cgroup: string, file: string, value: string): void
}

export function openCgroups(): Cgroups {
  let layout = layoutOf(listMounts())
  let warmed = 0

  const folderOf = (cgroup: string, file: string): string | undefined => {
    const controller = file.slice(0, file.indexOf('.'))
    const root = layout.mode === 'v2' ? layout.unified : layout.controllers.get(controller)
    return root === undefined ? undefined : join(root, cgroup)
  }

  function read(cgroup: string, file: string): string | undefined {
    const folder = folderOf(cgroup, file)
    return folder === undefined ? undefined : readIfThere(join(folder, file))
  }

  function write(cgroup: string, file: string, value: string): void {
    writeFileSync(join(folderOf(cgroup, file) ?? '/nonexistent', file), value)
  }

  function repair(): readonly string[] {
    if (layout.mode === 'v2' || layout.unified === undefined) return []
    const left = (readIfThere(join(layout.unified, 'cgroup.controllers')) ?? '').split(/\s+/).filter(Boolean)
    for (const controller of left) mountController(controller, layout)
    if (left.length > 0) layout = layoutOf(listMounts())
    return left
  }

  async function prewarm(): Promise<void> {
    const now = performance.now()
    if (now - warmed < PREWARM_MS) return
    warmed = now
    const file = ownProcsFile(layout)
    if (file) await promises.writeFile(file, String(process.pid)).catch(() => {})
  }

  const paths = (cgroup: string): readonly string[] => layout.roots.map((root) => join(root, cgroup))

  function processes(cgroup: string): readonly number[] {
    const root = layout.mode === 'v2' ? layout.unified : (layout.controllers.get('pids') ?? layout.roots[0])
    return root === undefined ? [] : processesBelow(join(root, cgroup))
  }

  function freeze(cgroup: string, frozen: boolean): void {
    if (layout.mode === 'v2') {
      write(cgroup, 'cgroup.freeze', frozen ? '1' : '0')
      return
    }
    const wanted = frozen ? 'FROZEN' : 'THAWED'
    write(cgroup, 'freezer.state', wanted)
    // A process that is just being born may miss the order; asking again catches it (freezer-subsystem.rst).
    for (let attempt = 0; attempt < 1000 && read(cgroup, 'freezer.state')?.trim() !== wanted; attempt += 1) {
      write(cgroup, 'freezer.state', wanted)
    }
  }

  return {
    get mode() {
      return layout.mode
    },
    get controllers() {
      return new Set(layout.controllers.keys())
    },
    repair,
    prewarm,
    paths,
    remove: async (cgroup) => {
      await Promise.all(paths(cgroup).map(removeTree))
    },
    list: (parent) => Array.from(new Set(paths(parent).flatMap(childFolders))),
    freeze,
    processes,
    killAll: (cgroup, signal) => {
      for (const pid of processes(cgroup)) killProcess(pid, signal)
    },
    oomKills: (cgroup) => {
      const text = read(cgroup, layout.mode === 'v2' ? 'memory.events' : 'memory.oom_control') ?? ''
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
    },
    read,
    write,
  }
}

function mountController(controller: string, { unified = '' }: CgroupLayout): void {
  const target = join(unified, '..', controller)
  mkdirSync(target, { recursive: true })
  mount({ source: controller, target, type: 'cgroup', data: controller })
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

function processesBelow(folder: string): number[] {
  const own = (readIfThere(join(folder, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number)
  return [...own, ...childFolders(folder).flatMap((name) => processesBelow(join(folder, name)))]
}

function childFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return []
    throw error
  }
}

/** Folders of cgroups hold no files of their own: rmdir is all, from below. EBUSY lasts until the dead are reaped. */
async function removeTree(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      removeNow(folder)
      return
    } catch (error) {
      if (!hasCode(error, 'EBUSY') || attempt === 200) throw error
      await delay(Math.min(1 + attempt, 20))
    }
  }
}

function removeNow(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    const children = childFolders(folder)
    if (children.length === 0) throw error
    for (const name of children) removeNow(join(folder, name))
    rmdirSync(folder)
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return undefined
    throw error
  }
}
