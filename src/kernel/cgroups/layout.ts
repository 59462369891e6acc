import type { MountEntry } from '../mounts/mountinfo.ts'

/** Where this host has its control groups. */
export interface CgroupLayout {
  /** `hybrid` has v1 controllers and an empty unified hierarchy beside them. */
  readonly mode: 'v1' | 'hybrid' | 'v2'
  /** Root folder of each v1 controller; in v2 the unified root for each. */
  readonly controllers: ReadonlyMap<string, string>
  /** Root of the unified hierarchy. */
  readonly unified: string | undefined
  /** Every root, each once. */
  readonly roots: readonly string[]
}

const V1_CONTROLLERS = new Set([
  'blkio',
  'cpu',
  'cpuacct',
  'cpuset',
  'devices',
  'freezer',
  'hugetlb',
  'memory',
  'misc',
  'net_cls',
  'net_prio',
  'perf_event',
  'pids',
  'rdma',
])

/** Reads the layout from the mount table; the first mount of a hierarchy counts. */
export function layoutOf(mounts: readonly MountEntry[]): CgroupLayout {
  const controllers = new Map<string, string>()
  const roots = new Set<string>()
  let unified: string | undefined
  for (const { type, target, superOptions } of mounts) {
    if (type === 'cgroup2') unified ??= target
    if (type !== 'cgroup') continue
    const names = superOptions.filter((option) => V1_CONTROLLERS.has(option))
    if (names.some((name) => controllers.has(name))) continue
    if (names.length > 0 || superOptions.some((option) => option.startsWith('name='))) roots.add(target)
    for (const name of names) controllers.set(name, target)
  }
  if (unified !== undefined) roots.add(unified)
  const mode = controllers.size === 0 ? 'v2' : unified === undefined ? 'v1' : 'hybrid'
  return { mode, controllers, unified, roots: Array.from(roots) }
}

/** /proc/self/cgroup: the path of this process by controller; '' is the unified hierarchy. */
export function ownCgroups(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line)
    for (const name of match?.[1]?.split(',') ?? []) found.set(name, match?.[2] ?? '/')
  }
  return found
}
