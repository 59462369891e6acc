import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyedLock } from './locks.ts'

test('work for one key runs one after the other, in order; other keys are not held up', async () => {
  const lock = createKeyedLock()
  const seen: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = lock.run('a', async () => {
    await gate.promise
    seen.push('first')
  })
  const second = lock.run('a', () => void seen.push('second'))
  await lock.run('b', () => void seen.push('other key'))
  gate.resolve()
  await Promise.all([first, second])
  assert.deepEqual(seen, ['other key', 'first', 'second'])
  assert.equal(lock.isHeld('a'), false)
})

test('a waiter that gives up leaves the order and the holder alone', async () => {
  const lock = createKeyedLock()
  const held = await lock.acquire('a')
  const abort = new AbortController()
  const given = lock.run('a', () => assert.fail('must not run'), { signal: abort.signal })
  const behind = lock.run('a', () => 'ran')
  abort.abort()
  await assert.rejects(given, { kind: 'cancelled' })
  assert.equal(lock.isHeld('a'), true)
  held[Symbol.dispose]()
  assert.equal(await behind, 'ran')
  assert.equal(lock.isHeld('a'), false)
})

test('work that fails frees the key', async () => {
  const lock = createKeyedLock()
  await assert.rejects(
    lock.run('a', () => {
      throw new Error('broken')
    }),
    /broken/,
  )
  assert.equal(await lock.run('a', () => 1), 1)
})
