import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from '../../../base/index.ts'
import type { LogRecord } from '../../../runtime/index.ts'
import type { Filters } from '../http/filters.ts'
import { matchesFilters } from './events.ts'
import { formatDetails, formatLog } from './log-lines.ts'
import { frame, streamType } from './terminal.ts'

test('a frame says the stream and the length in front of the data', () => {
  assert.deepEqual([...frame('stdout', Buffer.from('hi'))], [1, 0, 0, 0, 0, 0, 0, 2, 104, 105])
  assert.deepEqual([...frame('stderr', Buffer.alloc(300)).subarray(0, 8)], [2, 0, 0, 0, 0, 0, 1, 44])
  assert.equal(frame('stdout', Buffer.alloc(0)).length, 8)
})

test('clients before 1.42 know one type of stream', () => {
  const type = (multiplexed: boolean, version: string) =>
    streamType({ multiplexed, version }).replace(/^.*docker\./, '')
  assert.deepEqual(
    [type(true, '1.42'), type(true, '1.41'), type(false, '1.51')],
    ['multiplexed-stream', 'raw-stream', 'raw-stream'],
  )
})

test('time and details stand once before each line, whatever pieces it comes in', async () => {
  const record = (stream: LogRecord['stream'], text: string, partial = false): LogRecord => ({
    time: 1_700_000_000_000_000_001n,
    stream,
    data: Buffer.from(text),
    partial,
  })
  async function* records(): AsyncGenerator<LogRecord> {
    yield record('stdout', 'one ', true)
    yield record('stderr', 'err\n')
    yield record('stdout', 'two\n')
    yield record('stdout', 'three', true)
  }
  const read = async (options: { timestamps: boolean; details: string; multiplexed: boolean }) =>
    Buffer.concat(await Array.fromAsync(formatLog(records(), options))).toString()
  const plain = { timestamps: false, details: '', multiplexed: false }
  assert.equal(await read(plain), 'one err\ntwo\nthree')
  const time = '2023-11-14T22:13:20.000000001Z'
  assert.equal(
    await read({ ...plain, timestamps: true, details: 'a=1 ' }),
    `${time} a=1 one ${time} a=1 err\ntwo\n${time} a=1 three`,
  )
  assert.equal((await read({ ...plain, multiplexed: true })).slice(0, 12), '\x01\0\0\0\0\0\0\x04one ')
  assert.equal(formatDetails({ b: 'x y', a: '(1)' }), 'a=%281%29,b=x+y ')
})

test('events are chosen by Docker’s filters', () => {
  const event: Event = {
    type: 'container',
    action: 'exec_create: ls -l',
    id: 'abc123',
    attributes: { name: 'web', image: 'busybox:latest', tier: 'front' },
    time: 1n,
  }
  const chosen: readonly Filters[] = [
    {},
    { type: ['container'], container: ['web'] },
    { container: ['abc'] },
    { event: ['exec_create'] },
    { event: ['exec_create: ls -l'] },
    { image: ['busybox'] },
    { image: ['busybox:latest'] },
    { label: ['tier', 'tier=front'] },
    { scope: ['local'] },
  ]
  const others: readonly Filters[] = [
    { type: ['image'] },
    { container: ['db'] },
    { event: ['exec'] },
    { event: ['start'] },
    { image: ['alpine'] },
    { label: ['tier=back'] },
    { scope: ['swarm'] },
    { type: ['container'], container: ['db'] },
  ]
  for (const filters of chosen) assert.ok(matchesFilters(event, filters), JSON.stringify(filters))
  for (const filters of others) assert.ok(!matchesFilters(event, filters), JSON.stringify(filters))
})
