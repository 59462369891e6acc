import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClock } from './clock.ts'
import { openDatabase } from './database.ts'
import { createEventLog, type Event } from './event-log.ts'

const clock = createClock()

function publish(log: ReturnType<typeof createEventLog>, action: string): void {
  log.publish({ type: 'container', action, id: 'c1', attributes: { name: 'web' } })
}

async function collect(events: AsyncIterable<Event>, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const actions: string[] = []
  if (count === 0) return actions
  for await (const { action } of events) {
    actions.push(action)
    if (actions.length === count) break
  }
  return actions
}

test('recorded events come first, live ones follow, each once', async () => {
  const db = openDatabase(':memory:')
  const log = createEventLog({ db, clock })
  const since = clock.now()
  publish(log, 'create')
  publish(log, 'start')
  const reading = collect(log.read({ since }), 4)
  publish(log, 'die')
  publish(log, 'destroy')
  assert.deepEqual(await reading, ['create', 'start', 'die', 'destroy'])
  log.close()
  db.close()
})

test('an end in the past gives what was recorded and ends', async () => {
  const db = openDatabase(':memory:')
  const log = createEventLog({ db, clock })
  const since = clock.now()
  publish(log, 'create')
  const until = clock.now()
  publish(log, 'start')
  assert.deepEqual(await collect(log.read({ since, until })), ['create'])
  log.close()
  db.close()
})

test('events outlive the log that recorded them', async () => {
  const db = openDatabase(':memory:')
  const since = clock.now()
  const first = createEventLog({ db, clock })
  publish(first, 'create')
  first.close()
  const second = createEventLog({ db, clock })
  const [event] = await Array.fromAsync(second.read({ since, until: clock.now() }))
  assert.deepEqual(event && { ...event, time: 0n }, {
    type: 'container',
    action: 'create',
    id: 'c1',
    attributes: { name: 'web' },
    time: 0n,
  })
  second.close()
  db.close()
})

test('a fired signal ends the reading quietly', async () => {
  const db = openDatabase(':memory:')
  const log = createEventLog({ db, clock })
  const abort = new AbortController()
  const reading = collect(log.read({ signal: abort.signal }))
  publish(log, 'create')
  setImmediate(() => abort.abort())
  assert.deepEqual(await reading, ['create'])
  log.close()
  db.close()
})
