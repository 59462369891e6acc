import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTopic } from './topic.ts'

test('a reader gets what is published after it subscribed, in order', async () => {
  const topic = createTopic<number>()
  topic.publish(0)
  const values = topic.values()
  for (const value of [1, 2, 3]) topic.publish(value)
  const seen: number[] = []
  for await (const value of values) {
    seen.push(value)
    if (value === 3) break
  }
  assert.deepEqual(seen, [1, 2, 3])
})

test('a reader that falls too far behind is told so, the others go on', async () => {
  const topic = createTopic<number>()
  const slow = topic.values({ limit: 2 })
  const heard: number[] = []
  using _listener = topic.listen((value) => heard.push(value))
  for (const value of [1, 2, 3]) topic.publish(value)
  await assert.rejects(Array.fromAsync(slow), { kind: 'unavailable' })
  assert.deepEqual(heard, [1, 2, 3])
})
