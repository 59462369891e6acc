import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerState, Health } from '../../../containers/index.ts'
import { describeState, encodeState, NEVER } from './container-state.ts'
import { humanDuration } from './human-duration.ts'

const SECOND = 1_000_000_000n
const now = 1_700_000_000n * SECOND

test('durations are worded as Docker words them', () => {
  const cases: readonly (readonly [seconds: number, text: string])[] = [
    [0.4, 'Less than a second'],
    [1, '1 second'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [119, 'About a minute'],
    [120, '2 minutes'],
    [3599, '59 minutes'],
    [3600, 'About an hour'],
    [5399, 'About an hour'],
    [5400, '2 hours'],
    [47 * 3600, '47 hours'],
    [48 * 3600, '2 days'],
    [13 * 86_400, '13 days'],
    [14 * 86_400, '2 weeks'],
    [60 * 86_400, '2 months'],
    [800 * 86_400, '2 years'],
  ]
  for (const [seconds, text] of cases) assert.equal(humanDuration(BigInt(seconds * 1e9)), text)
})

const exit = { code: 3, oomKilled: true, at: now - 120n * SECOND, error: 'why' }
const startedAt = now - 3n * SECOND

const STATES: readonly (readonly [ContainerState, string, flags: string])[] = [
  [{ status: 'created' }, 'Created', ''],
  [{ status: 'running', pid: 7, startedAt }, 'Up 3 seconds', 'Running'],
  [{ status: 'paused', pid: 7, startedAt }, 'Up 3 seconds (Paused)', 'Running Paused'],
  [{ status: 'restarting', startedAt, exit }, 'Restarting (3) 2 minutes ago', 'Running Restarting'],
  [{ status: 'exited', startedAt, exit }, 'Exited (3) 2 minutes ago', ''],
  [{ status: 'removing' }, 'Removal In Progress', ''],
  [{ status: 'dead', exit }, 'Dead', 'Dead'],
]

for (const [state, text, flags] of STATES) {
  test(`a container that is ${state.status} says ${text}`, () => {
    assert.equal(describeState({ state }, now), text)
    const encoded = encodeState({ state })
    const set = (['Running', 'Paused', 'Restarting', 'Dead'] as const).filter((flag) => encoded[flag])
    assert.equal(set.join(' '), flags)
    assert.equal(encoded.Pid, 'pid' in state ? 7 : 0)
    assert.equal(encoded.StartedAt === NEVER, !('startedAt' in state))
    assert.deepEqual(
      [encoded.ExitCode, encoded.OOMKilled, encoded.Error, encoded.FinishedAt === NEVER],
      'exit' in state ? [3, true, 'why', false] : [0, false, '', true],
    )
  })
}

test('health stands behind the time in the listing and whole in the state', () => {
  const state = { status: 'running', pid: 7, startedAt: now } as const
  const log = [{ start: now, end: now, exitCode: 1, output: 'no' }]
  const described = (status: Health['status']) => ({ state, health: { status, failingStreak: 1, log } })
  assert.match(describeState(described('starting'), now), / \(health: starting\)$/)
  assert.match(describeState(described('unhealthy'), now), / \(unhealthy\)$/)
  const { Health: encoded } = encodeState(described('healthy'))
  assert.deepEqual([encoded?.Status, encoded?.FailingStreak, encoded?.Log[0]?.Output], ['healthy', 1, 'no'])
  assert.equal(encodeState({ state }).Health, undefined)
})
