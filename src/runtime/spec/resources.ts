import { failure } from '../../base/index.ts'
import type { RuntimeResources } from '../../oci/index.ts'
import type { DeviceRule } from './devices.ts'
import type { ResourceLimits } from './spec-input.ts'

/** Docker's period of the CPU quota, in microseconds. */
const PERIOD = 100_000

/** The limits in the words of the runtime specification. Without rules for devices it is what `Task.update` takes. */
export function resolveResources(limits: ResourceLimits, deviceRules?: readonly DeviceRule[]): RuntimeResources {
  return {
    ...(deviceRules ? { devices: deviceRules } : {}),
    ...section('memory', {
      limit: limits.memory,
      reservation: limits.memoryReservation,
      swap: limits.memorySwap,
      swappiness: limits.memorySwappiness,
      disableOOMKiller: limits.oomKillDisable,
    }),
    ...section('cpu', { shares: limits.cpuShares, ...quota(limits), cpus: limits.cpusetCpus, mems: limits.cpusetMems }),
    ...section('pids', { limit: limits.pidsLimit }),
    ...section('blockIO', { weight: limits.blkioWeight }),
  }
}

function quota({ nanoCpus, cpuPeriod, cpuQuota }: ResourceLimits): { period?: number; quota?: number } {
  if (nanoCpus === undefined) return { period: cpuPeriod, quota: cpuQuota }
  if (cpuPeriod !== undefined || cpuQuota !== undefined) {
    throw failure('invalid', 'Conflicting options: Nano CPUs and CPU Period cannot both be set')
  }
  return { period: PERIOD, quota: Math.trunc((nanoCpus * PERIOD) / 1e9) }
}

/** Nothing at all when no field is set, so that the runtime does not touch that controller. */
function section<K extends keyof RuntimeResources>(
  name: K,
  fields: { readonly [F in keyof NonNullable<RuntimeResources[K]>]?: unknown },
): Pick<RuntimeResources, K> | undefined {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  return set.length === 0 ? undefined : ({ [name]: Object.fromEntries(set) } as Pick<RuntimeResources, K>)
}
