import type { Timestamp } from '../../base/index.ts'
import type { HealthConfig } from '../../oci/index.ts'
import type { Health, ProbeResult } from '../health.contract.ts'

/** How a container is probed; times in nanoseconds. */
export interface ProbePlan {
  readonly args: readonly string[]
  readonly interval: number
  readonly timeout: number
  readonly startPeriod: number
  readonly startInterval: number
  readonly retries: number
}

const SECOND = 1_000_000_000
const DEFAULT_SHELL = ['/bin/sh', '-c']
const LOG_LENGTH = 5

/** Undefined for a container that has no health check, or has switched off its image's. */
export function planOf(
  config: HealthConfig | undefined,
  { shell }: { readonly shell: readonly string[] | null },
): ProbePlan | undefined {
  const [kind, ...words] = config?.Test ?? []
  if (!config || (kind !== 'CMD' && kind !== 'CMD-SHELL')) return undefined
  const prefix = kind === 'CMD' ? [] : shell && shell.length > 0 ? shell : DEFAULT_SHELL
  return {
    args: [...prefix, ...words],
    interval: config.Interval || 30 * SECOND,
    timeout: config.Timeout || 30 * SECOND,
    startPeriod: config.StartPeriod ?? 0,
    startInterval: config.StartInterval || 5 * SECOND,
    retries: config.Retries || 3,
  }
}

/** The health of a container that has just been started; what earlier runs have shown stays to be read. */
export function healthAtStart(before: Health | undefined): Health {
  return { status: 'starting', failingStreak: 0, log: before?.log ?? [] }
}

/** Nobody looks any more: Docker calls that unhealthy. */
export function healthUnwatched(before: Health): Health {
  return { ...before, status: 'unhealthy' }
}

/** What a result makes of the health. A failure in the start period does not count until a first success. */
export function judge(
  health: Health,
  { result, startedAt, plan }: { result: ProbeResult; startedAt: Timestamp; plan: ProbePlan },
): Health {
  const log = [...health.log, result].slice(-LOG_LENGTH)
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log }
  const isForgiven = health.status === 'starting' && result.start - startedAt < BigInt(plan.startPeriod)
  if (isForgiven) return { ...health, log }
  const failingStreak = health.failingStreak + 1
  return { status: failingStreak >= plan.retries ? 'unhealthy' : health.status, failingStreak, log }
}

/** Nanoseconds from the end of one probe to the next. */
export function pauseBefore(health: Health, { age, plan }: { age: bigint; plan: ProbePlan }): number {
  return health.status === 'starting' && age < BigInt(plan.startPeriod) ? plan.startInterval : plan.interval
}
