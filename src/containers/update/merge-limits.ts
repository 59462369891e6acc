import { failure } from '../../base/index.ts'
import type { ResourceLimits } from '../../runtime/index.ts'
import type { UpdateRequest } from '../update.contract.ts'

/** Limits that update changes; Docker leaves the others as create set them. */
const FIELDS = [
  'blkioWeight',
  'cpuShares',
  'nanoCpus',
  'cpuPeriod',
  'cpuQuota',
  'cpusetCpus',
  'cpusetMems',
  'memory',
  'memorySwap',
  'memoryReservation',
  'pidsLimit',
] as const satisfies readonly (keyof ResourceLimits)[]

/** What of the request is applied. */
export function changedLimits({ limits }: UpdateRequest): ResourceLimits {
  return Object.fromEntries(FIELDS.flatMap((field) => (limits[field] === undefined ? [] : [[field, limits[field]]])))
}

/** The limits after an update. `conflict` with Docker's texts for what does not go with those that are set. */
export function mergeLimits(present: ResourceLimits, request: UpdateRequest): ResourceLimits {
  const changes = changedLimits(request)
  refuseConflicts(present, changes)
  const { pidsLimit, ...others } = present
  return { ...(request.withoutPidsLimit ? others : present), ...changes }
}

function refuseConflicts(present: ResourceLimits, changes: ResourceLimits): void {
  const isSet = (value: number | undefined): boolean => (value ?? 0) > 0
  for (const { wants, has, text } of CONFLICTS) {
    if (isSet(changes[wants]) && isSet(present[has])) throw failure('conflict', `Conflicting options: ${text}`)
  }
  const { memory, memorySwap } = changes
  if (memory !== undefined && memorySwap === undefined && memory > (present.memorySwap ?? 0)) {
    throw failure(
      'conflict',
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    )
  }
}

type Cpu = 'nanoCpus' | 'cpuPeriod' | 'cpuQuota'

const CONFLICTS: readonly { readonly wants: Cpu; readonly has: Cpu; readonly text: string }[] = [
  {
    wants: 'nanoCpus',
    has: 'cpuPeriod',
    text: 'Nano CPUs cannot be updated as CPU Period has already been set',
  },
  {
    wants: 'nanoCpus',
    has: 'cpuQuota',
    text: 'Nano CPUs cannot be updated as CPU Quota has already been set',
  },
  {
    wants: 'cpuPeriod',
    has: 'nanoCpus',
    text: 'CPU Period cannot be updated as NanoCPUs has already been set',
  },
  {
    wants: 'cpuQuota',
    has: 'nanoCpus',
    text: 'CPU Quota cannot be updated as NanoCPUs has already been set',
  },
]
