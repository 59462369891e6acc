import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSilentLog, openDatabase } from '../base/index.ts'
import { createCatalog } from './catalog.ts'
import type { ContainerId } from './contract.ts'
import type { ContainerRecord } from './record.ts'
import { createContainerRecords } from './records.ts'
import { wantsRestart, wantsStartWithDaemon } from './restart-policy.ts'
import { assertAllowed, type Verb } from './states.ts'

const log = createSilentLog()
const id = (digit: string): ContainerId => digit.repeat(64) as ContainerId

/** A whole record, made by reading a damaged one and giving it back its fields. */
function record(values: Partial<ContainerRecord> = {}): ContainerRecord {
  const db = openDatabase(':memory:')
  const records = createContainerRecords({ db, log })
  db.run('INSERT INTO containers VALUES (?, ?, ?, ?, ?)', id('a'), 'web', 'sha256:1', 'created', '{')
  const [dead] = records.all()
  db.close()
  assert.ok(dead)
  return { ...dead, created: 5n, state: { status: 'created' }, stoppedByUser: false, ...values }
}

/** Text of a record in which an absent field and an undefined one are the same. */
function inspect(value: ContainerRecord): string {
  return JSON.stringify(value, (_, entry: unknown) => (typeof entry === 'bigint' ? `${entry}n` : entry))
}

const exit = { code: 3, oomKilled: false, at: 7n, error: '' }

test('a record comes back from the database as it was', () => {
  const db = openDatabase(':memory:')
  const records = createContainerRecords({ db, log })
  const whole = record({ state: { status: 'exited', startedAt: 6n, exit }, restartCount: 2 })
  records.put(whole)
  records.put({ ...whole, name: 'db' })
  assert.deepEqual(records.all().map(inspect), [inspect({ ...whole, name: 'db' })])
  records.remove(whole.id)
  assert.deepEqual(records.all(), [])
  db.close()
})

test('a damaged record is a dead container with its name', () => {
  const damaged = [
    '{',
    '{}',
    'null',
    '[]',
    '{"id":"x"}',
    JSON.stringify({ ...record(), created: 'x' }, (_, v) => (typeof v === 'bigint' ? 'x' : v)),
  ]
  for (const text of damaged) {
    const db = openDatabase(':memory:')
    const records = createContainerRecords({ db, log })
    db.run('INSERT INTO containers VALUES (?, ?, ?, ?, ?)', id('b'), 'web', 'sha256:1', 'running', text)
    const [found] = records.all()
    assert.deepEqual([found?.id, found?.name, found?.state.status], [id('b'), 'web', 'dead'], text)
    db.close()
  }
})

test('containers are found by name, id and unique prefix', () => {
  const db = openDatabase(':memory:')
  const catalog = createCatalog(createContainerRecords({ db, log }))
  catalog.add(record({ id: `ab${'0'.repeat(62)}` as ContainerId, name: 'one' }))
  catalog.add(record({ id: `ac${'0'.repeat(62)}` as ContainerId, name: 'two' }))
  catalog.add(record({ id: `d${'0'.repeat(63)}` as ContainerId, name: 'ab' }))
  assert.equal(catalog.find('/one').record.name, 'one')
  assert.equal(catalog.find('ac').record.name, 'two')
  assert.equal(catalog.find('ab').record.name, 'ab', 'a name wins over a prefix')
  assert.throws(() => catalog.find('a'), { kind: 'invalid', message: 'Multiple IDs found with provided prefix: a' })
  assert.throws(() => catalog.find('nope'), { kind: 'not-found', message: 'No such container: nope' })
  assert.throws(() => catalog.assertFree('one'), {
    kind: 'conflict',
    message: /^Conflict\. The container name "\/one" is already in use/,
  })
  catalog.change(catalog.find('one'), { name: 'first' })
  catalog.assertFree('one')
  assert.equal(catalog.find('first').id, `ab${'0'.repeat(62)}`)
  db.close()
})

test('verbs are refused in the wrong states, with the words that clients know', () => {
  const running = { status: 'running', pid: 1, startedAt: 6n } as const
  const exited = { status: 'exited', startedAt: 6n, exit } as const
  const cases: readonly [Verb, ContainerRecord['state'], string | undefined, RegExp?][] = [
    ['start', { status: 'created' }, undefined],
    ['start', exited, undefined],
    ['start', running, 'not-modified'],
    ['start', { ...running, status: 'paused' }, 'conflict', /try unpause/],
    ['start', { status: 'dead' }, 'conflict', /marked for removal/],
    ['stop', exited, 'not-modified'],
    ['kill', exited, 'conflict', /is not running/],
    ['pause', { ...running, status: 'paused' }, 'conflict', /already paused/],
    ['unpause', running, 'conflict', /is not paused/],
    ['exec', { ...running, status: 'paused' }, 'conflict', /unpause the container before exec/],
    ['exec', exited, 'conflict', /is not running/],
    ['remove', running, 'conflict', /cannot remove container "\/web": container is running/],
    ['remove', { status: 'removing' }, 'conflict', /already in progress/],
    ['remove', { status: 'dead' }, undefined],
  ]
  for (const [verb, state, kind, message = /./] of cases) {
    const check = (): void => assertAllowed(verb, record({ state }))
    if (kind === undefined) check()
    else assert.throws(check, { kind, message }, `${verb} while ${state.status}`)
  }
})

test('restart policies decide by exit code, count and who stopped it', () => {
  const policy = (name: 'no' | 'on-failure' | 'always' | 'unless-stopped', maximumRetryCount = 0) => {
    const base = record()
    return { host: { ...base.host, restartPolicy: { name, maximumRetryCount } } }
  }
  const cases: readonly [Partial<ContainerRecord>, number, boolean][] = [
    [policy('no'), 1, false],
    [policy('always'), 0, true],
    [policy('on-failure'), 0, false],
    [policy('on-failure'), 1, true],
    [{ ...policy('on-failure', 2), restartCount: 2 }, 1, false],
    [{ ...policy('unless-stopped'), stoppedByUser: true }, 1, false],
    [{ ...policy('always'), stoppedByUser: true }, 1, false],
  ]
  for (const [values, code, want] of cases) assert.equal(wantsRestart(record(values), { ...exit, code }), want)
  const state = { status: 'exited', startedAt: 6n, exit } as const
  assert.equal(wantsStartWithDaemon(record({ ...policy('always'), state, stoppedByUser: true })), true)
  assert.equal(wantsStartWithDaemon(record({ ...policy('unless-stopped'), state, stoppedByUser: true })), false)
  assert.equal(wantsStartWithDaemon(record({ ...policy('always') })), false, 'never started')
})
