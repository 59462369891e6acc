import { failure } from '../../base/index.ts'
import type { ResourceLimits } from '../../runtime/index.ts'
import type { LimitSupport } from './limit-support.ts'
import { parseNumberList } from './number-list.ts'

const MINIMUM_MEMORY = 6 << 20
const NANO = 1e9

export interface VerifiedResources {
  readonly resources: ResourceLimits
  readonly warnings: readonly string[]
}

/**
 * The limits as this host can hold them, with Docker's rules. Unsupported ones are left out with a warning; `invalid`
 * with Docker's text for values that make no sense.
 */
export function verifyResources(asked: ResourceLimits, support: LimitSupport): VerifiedResources {
  const { resources: supported, warnings: losses } = verifyUpdate(asked, support)
  const warnings = [...losses]
  verifyNewMemory(supported)
  if (supported.oomKillDisable && !supported.memory) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    )
  }
  const { memory = 0, memorySwap } = supported
  return {
    resources: {
      ...supported,
      ...(memory > 0 && memorySwap === undefined ? { memorySwap: memory * 2 } : {}),
      ...(support.oomKillDisable ? { oomKillDisable: supported.oomKillDisable ?? false } : {}),
    },
    warnings,
  }
}

/** The same for limits that change others, which are not known here: nothing is completed. */
export function verifyUpdate(asked: ResourceLimits, support: LimitSupport): VerifiedResources {
  const warnings: string[] = []
  const resources = dropUnsupported(asked, { support, warnings })
  verifyMemory(resources)
  verifyCpu(resources, support)
  verifySets(resources, support)
  verifyRange(resources.blkioWeight, { from: 10, to: 1000, text: 'Range of blkio weight is from 10 to 1000' })
  return { resources, warnings }
}

type Field = keyof ResourceLimits

/** What a missing feature costs, in Docker's words. */
const LOSSES: readonly {
  readonly fields: readonly Field[]
  readonly feature: keyof LimitSupport
  readonly text: string
}[] = [
  {
    fields: ['memory', 'memorySwap'],
    feature: 'memory',
    text: 'Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
  },
  {
    fields: ['memorySwappiness'],
    feature: 'swappiness',
    text: 'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
  },
  {
    fields: ['memoryReservation'],
    feature: 'memory',
    text: 'Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.',
  },
  {
    fields: ['oomKillDisable'],
    feature: 'oomKillDisable',
    text: 'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
  },
  {
    fields: ['pidsLimit'],
    feature: 'pids',
    text: 'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
  },
  {
    fields: ['cpuShares'],
    feature: 'cpuCfs',
    text: 'Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.',
  },
  {
    fields: ['cpuPeriod', 'cpuQuota'],
    feature: 'cpuCfs',
    text: 'Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.',
  },
  {
    fields: ['cpusetCpus', 'cpusetMems'],
    feature: 'cpuset',
    text: 'Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.',
  },
  {
    fields: ['blkioWeight'],
    feature: 'blkioWeight',
    text: 'Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.',
  },
]

function dropUnsupported(
  asked: ResourceLimits,
  { support, warnings }: { readonly support: LimitSupport; readonly warnings: string[] },
): ResourceLimits {
  if (asked.memory !== undefined && asked.memory < MINIMUM_MEMORY) {
    throw failure('invalid', 'Minimum memory limit allowed is 6MB')
  }
  const dropped = new Set<string>()
  for (const { fields, feature, text } of LOSSES) {
    if (support[feature]) continue
    if (fields.some((field) => asked[field])) warnings.push(text)
    for (const field of fields) dropped.add(field)
  }
  if (asked.memory && asked.memorySwap !== -1 && support.memory && !support.swap) {
    warnings.push(
      'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.',
    )
  }
  const kept: ResourceLimits = Object.fromEntries(Object.entries(asked).filter(([field]) => !dropped.has(field)))
  return kept.memory && !support.swap ? { ...kept, memorySwap: -1 } : kept
}

function verifyMemory({ memory = 0, memorySwap = 0, memorySwappiness, memoryReservation = 0 }: ResourceLimits): void {
  if (memory > 0 && memorySwap > 0 && memorySwap < memory) {
    throw failure('invalid', 'Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  verifyRange(memorySwappiness, {
    from: 0,
    to: 100,
    text: `Invalid value: ${memorySwappiness}, valid memory swappiness range is 0-100`,
  })
  if (memoryReservation > 0 && memoryReservation < MINIMUM_MEMORY) {
    throw failure('invalid', 'Minimum memory reservation allowed is 6MB')
  }
  if (memory > 0 && memoryReservation > memory) {
    throw failure('invalid', 'Minimum memory limit can not be less than memory reservation limit, see usage')
  }
}

function verifyNewMemory({ memory = 0, memorySwap = 0 }: ResourceLimits): void {
  if (memory === 0 && memorySwap > 0) {
    throw failure('invalid', 'You should always set the Memory limit when using Memoryswap limit, see usage')
  }
}

function verifyCpu({ nanoCpus = 0, cpuPeriod, cpuQuota = 0, cpuShares = 0 }: ResourceLimits, support: LimitSupport) {
  if (cpuShares < 0) {
    throw failure('invalid', `invalid CPU shares (${cpuShares}): value must be a positive integer`)
  }
  if (nanoCpus > 0 && (cpuPeriod ?? 0) > 0) {
    throw failure('invalid', 'Conflicting options: Nano CPUs and CPU Period cannot both be set')
  }
  if (nanoCpus > 0 && cpuQuota > 0) {
    throw failure('invalid', 'Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  }
  if (nanoCpus > 0 && !support.cpuCfs) {
    const reason = 'your kernel does not support CPU CFS scheduler or the cgroup is not mounted'
    throw failure('invalid', `NanoCPUs can not be set, as ${reason}`)
  }
  const { cpus } = support
  verifyRange(nanoCpus, {
    from: 0,
    to: cpus * NANO,
    text: `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`,
  })
  verifyRange(cpuPeriod, {
    from: 1000,
    to: 1_000_000,
    text: 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
  })
  if (cpuQuota > 0 && cpuQuota < 1000) {
    throw failure('invalid', 'CPU cfs quota can not be less than 1ms (i.e. 1000)')
  }
}

function verifySets({ cpusetCpus = '', cpusetMems = '' }: ResourceLimits, support: LimitSupport): void {
  verifySet(cpusetCpus, { name: 'cpuset cpus', things: 'CPUs', available: support.availableCpus })
  verifySet(cpusetMems, { name: 'cpuset mems', things: 'memory nodes', available: support.availableMems })
}

function verifySet(
  asked: string,
  { name, things, available }: { readonly name: string; readonly things: string; readonly available: string },
): void {
  const wanted = parseNumberList(asked)
  if (!wanted) throw failure('invalid', `Invalid value ${asked} for ${name}: invalid format: ${asked}`)
  const there = parseNumberList(available)
  if (there && !wanted.isSubsetOf(there)) {
    throw failure('invalid', `Requested ${things} are not available - requested ${asked}, available: ${available}`)
  }
}

function verifyRange(
  value: number | undefined,
  { from, to, text }: { readonly from: number; readonly to: number; readonly text: string },
): void {
  if (value !== undefined && (value < from || value > to)) throw failure('invalid', text)
}
