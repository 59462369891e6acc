import type { Entry } from '../catalog.ts'
import type { Health } from '../health.contract.ts'
import type { Household } from '../household.ts'
import { healthAtStart, healthUnwatched, judge, type ProbePlan, pauseBefore, planOf } from './machine.ts'
import { runProbe } from './probe.ts'

const MILLISECOND = 1_000_000
const LONGEST_DELAY = 2 ** 31 - 1

/** Begins to probe a container that has been started or adopted. Does nothing for one without a health check. */
export function beginProbing(household: Household, entry: Entry): void {
  const plan = planFor(entry)
  if (!plan) return
  entry.health = healthAtStart(entry.health)
  watch(household, entry, plan)
}

/** Goes on after a pause. */
export function resumeProbing(household: Household, entry: Entry): void {
  const plan = planFor(entry)
  if (plan && entry.health) watch(household, entry, plan)
}

/** Ends the probing; a probe that runs is killed and does not count. Idempotent. */
export function endProbing(entry: Entry): void {
  if (!entry.probing) return
  entry.probing.abort()
  entry.probing = undefined
  if (entry.health) entry.health = healthUnwatched(entry.health)
}

function planFor({ record: { config } }: Entry): ProbePlan | undefined {
  return planOf(config.healthcheck, config)
}

/** One timer a container: the next probe is due some time after the end of the one before. */
function watch(household: Household, entry: Entry, plan: ProbePlan): void {
  entry.probing?.abort()
  const probing = new AbortController()
  entry.probing = probing
  const { signal } = probing
  let timer: NodeJS.Timeout

  function schedule(health: Health): void {
    const age = household.clock.now() - startOf(entry)
    const pause = pauseBefore(health, { age, plan })
    timer = setTimeout(() => void look(), Math.min(pause / MILLISECOND, LONGEST_DELAY))
  }

  async function look(): Promise<void> {
    const result = await runProbe(household, entry, { plan, signal })
    if (signal.aborted || !entry.health) return
    const before = entry.health
    entry.health = judge(before, { result, startedAt: startOf(entry), plan })
    if (entry.health.status !== before.status) household.announce(`health_status: ${entry.health.status}`, entry)
    schedule(entry.health)
  }

  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  if (entry.health) schedule(entry.health)
}

function startOf({ record: { state } }: Entry): bigint {
  return ('startedAt' in state ? state.startedAt : undefined) ?? 0n
}
