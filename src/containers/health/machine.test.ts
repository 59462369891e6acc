import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HealthConfig } from '../../oci/index.ts'
import type { Health } from '../health.contract.ts'
import { healthAtStart, healthUnwatched, judge, pauseBefore, planOf } from './machine.ts'

const SECOND = 1_000_000_000

function plan(config: HealthConfig = {}) {
  const found = planOf({ Test: ['CMD', 'look'], ...config }, { shell: null })
  assert.ok(found)
  return found
}

/** A result for each exit code, one second after the other. */
function judged(codes: readonly number[], { config = {}, from = healthAtStart(undefined) } = {}): Health {
  return codes.reduce((health, exitCode, index) => {
    const start = BigInt(index + 1) * BigInt(SECOND)
    const result = { start, end: start + 1n, exitCode, output: String(index) }
    return judge(health, { result, startedAt: 0n, plan: plan(config) })
  }, from)
}

test('a plan has a command and defaults, or is none', () => {
  assert.deepEqual(plan(), {
    args: ['look'],
    interval: 30 * SECOND,
    timeout: 30 * SECOND,
    startPeriod: 0,
    startInterval: 5 * SECOND,
    retries: 3,
  })
  assert.deepEqual(planOf({ Test: ['CMD-SHELL', 'a b'] }, { shell: null })?.args, ['/bin/sh', '-c', 'a b'])
  assert.deepEqual(planOf({ Test: ['CMD-SHELL', 'a b'] }, { shell: ['bash', '-ec'] })?.args, ['bash', '-ec', 'a b'])
  for (const Test of [[], ['NONE'], ['OTHER', 'x']]) assert.equal(planOf({ Test }, { shell: null }), undefined)
  assert.equal(planOf(undefined, { shell: null }), undefined)
})

const CASES: readonly [string, readonly number[], HealthConfig, Health['status'], number][] = [
  ['one success', [0], {}, 'healthy', 0],
  ['failures below the limit', [1, 1], {}, 'starting', 2],
  ['failures up to the limit', [1, 1, -1], {}, 'unhealthy', 3],
  ['a success between failures', [1, 1, 0, 1, 1], {}, 'healthy', 2],
  ['a recovery', [1, 1, 1, 1, 0], {}, 'healthy', 0],
  ['a limit of its own', [0, 2], { Retries: 1 }, 'unhealthy', 1],
  ['failures in the start period', [1, 1, 1, 1], { StartPeriod: 10 * SECOND }, 'starting', 0],
  ['failures behind the start period', [1, 1, 1, 1, 1], { StartPeriod: 3 * SECOND }, 'unhealthy', 3],
  ['failures after a success in the start period', [0, 1, 1, 1], { StartPeriod: 9 * SECOND }, 'unhealthy', 3],
]

for (const [name, codes, config, status, failingStreak] of CASES) {
  test(`${name}: ${status}`, () => {
    const health = judged(codes, { config })
    assert.deepEqual([health.status, health.failingStreak], [status, failingStreak])
  })
}

test('the last five results are kept, over a restart too', () => {
  const health = judged([0, 0, 0, 0, 0, 1, 1])
  assert.deepEqual(
    health.log.map(({ output }) => output),
    ['2', '3', '4', '5', '6'],
  )
  assert.deepEqual(healthAtStart(health), { status: 'starting', failingStreak: 0, log: health.log })
  assert.deepEqual(healthUnwatched(judged([0])).status, 'unhealthy')
})

test('probes follow faster in the start period until the first success', () => {
  const fast = plan({ StartPeriod: 10 * SECOND, StartInterval: SECOND, Interval: 60 * SECOND })
  assert.equal(pauseBefore(healthAtStart(undefined), { age: 1n, plan: fast }), SECOND)
  assert.equal(pauseBefore(judged([0]), { age: 1n, plan: fast }), 60 * SECOND)
  assert.equal(pauseBefore(healthAtStart(undefined), { age: BigInt(10 * SECOND), plan: fast }), 60 * SECOND)
  assert.equal(pauseBefore(healthAtStart(undefined), { age: 0n, plan: plan() }), 30 * SECOND)
})
