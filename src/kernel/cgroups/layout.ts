import type { MountEntry } from '../mounts/mountinfo.ts'

/** Where this host has its control groups. */
export interface CgroupLayout {
  /** `hybrid` has v1 controllers and a unified hierarchy, meant to have none, beside them. */
  readonly mode: 'v1' | 'hybrid' | 'v2'
  /** Root folder of each v1 controller; none in v2. */
  readonly controllers: ReadonlyMap<string, string>
  /** Root of the unified hierarchy. */
  readonly unified: string | undefined
  /** Every root, each once. */
  readonly roots: readonly string[]
}

const PLACE = '/sys/fs/cgroup'

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
  const pure = mounts.findLast(({ target, type }) => target === PLACE && isCgroup(type))?.type === 'cgroup2'
  // A host of v2 stays one when somebody mounts a v1 controller beside it, as some VPN programs do with net_cls.
  if (pure) return { mode: 'v2', controllers: new Map(), unified: PLACE, roots: [PLACE] }
  const controllers = new Map<string, string>()
  const roots = new Set<string>()
  for (const { target, superOptions } of mounts.filter(({ type }) => type === 'cgroup')) {
    const names = superOptions.filter((option) => V1_CONTROLLERS.has(option))
    if (names.some((name) => controllers.has(name))) continue
    if (names.length > 0 || superOptions.some((option) => option.startsWith('name='))) roots.add(target)
    for (const name of names) controllers.set(name, target)
  }
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.target
  if (unified !== undefined) roots.add(unified)
  const mode = controllers.size === 0 ? 'v2' : unified === undefined ? 'v1' : 'hybrid'
  return { mode, controllers, unified, roots: Array.from(roots) }
}

function isCgroup(type: string): boolean {
  return type === 'cgroup' || type === 'cgroup2'
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
