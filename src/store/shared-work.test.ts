import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure } from '../base/index.ts'
import { createSharedWork } from './shared-work.ts'

test('callers of one key share one run, callers of others do not', async () => {
  const shared = createSharedWork<string>()
  const gate = Promise.withResolvers<void>()
  let runs = 0
  const work = async (): Promise<string> => {
    runs += 1
    await gate.promise
    return `run ${runs}`
  }
  const results = [shared.run('a', work), shared.run('a', work), shared.run('b', work)]
  gate.resolve()
  assert.deepEqual(await Promise.all(results), ['run 2', 'run 2', 'run 2'])
  assert.equal(runs, 2)
  assert.equal(await shared.run('a', work), 'run 3')
})

test('a failure reaches everybody and the next caller begins anew', async () => {
  const shared = createSharedWork<string>()
  const fail = async (): Promise<string> => {
    throw failure('corrupt', 'broken')
  }
  const results = await Promise.allSettled([shared.run('a', fail), shared.run('a', fail)])
  assert.ok(results.every((result) => result.status === 'rejected'))
  assert.equal(await shared.run('a', async () => 'fine'), 'fine')
})

test('work goes on while one waits and is cancelled with the last', async () => {
  const shared = createSharedWork<string>()
  const [first, second] = [new AbortController(), new AbortController()]
  let stopped = false
  const work = (signal: AbortSignal): Promise<string> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        stopped = true
        reject(failure('cancelled', 'stopped'))
      })
    })
  const one = assert.rejects(shared.run('a', work, { signal: first.signal }), { kind: 'cancelled' })
  const other = assert.rejects(shared.run('a', work, { signal: second.signal }), { kind: 'cancelled' })
  first.abort()
  await one
  assert.equal(stopped, false)
  second.abort()
  await other
  assert.equal(stopped, true)
  assert.equal(await shared.run('a', async () => 'again'), 'again')
})
