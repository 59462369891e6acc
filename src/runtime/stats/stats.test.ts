import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBlockLines, parseCounter, parseCounters, parseIoStat, parseList } from './cgroup-text.ts'
import { parseProcStat } from './host-cpu.ts'
import { parseNetDev } from './task-stats.ts'

test('numbers of control files keep all their digits; max and absent ones are none', () => {
  assert.equal(parseCounter('9223372036854771712\n'), 9_223_372_036_854_771_712n)
  assert.equal(parseCounter('max\n'), undefined)
  assert.equal(parseCounter(undefined), undefined)
  assert.deepEqual(parseList('12 34 \n'), [12n, 34n])
  assert.deepEqual(Array.from(parseCounters('user 5\nsystem 7\nbroken\n')), [
    ['user', 5n],
    ['system', 7n],
  ])
})

test('block counters are read in both formats', () => {
  const read = { major: 8n, minor: 0n, op: 'Read', value: 4096n }
  assert.deepEqual(parseBlockLines('8:0 Read 4096\n8:0 Total 4096\nTotal 4096\n'), [read, { ...read, op: 'Total' }])
  assert.deepEqual(parseIoStat('254:16 rbytes=1 wbytes=2 rios=3\n', { rbytes: 'read', wbytes: 'write' }), [
    { major: 254n, minor: 16n, op: 'read', value: 1n },
    { major: 254n, minor: 16n, op: 'write', value: 2n },
  ])
  assert.deepEqual(parseIoStat(undefined, { rbytes: 'read' }), [])
})

test('interfaces are read with and without a space behind the colon, but not the loopback', () => {
  const text = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:  208620    1332    0    0    0     0          0         0   208620    1332    0    0    0     0       0          0',
    '  eth0:100 2 3 4 0 0 0 0 500 6 7 8 0 0 0 0',
  ]
  assert.deepEqual(Array.from(parseNetDev(text.join('\n'))), [
    [
      'eth0',
      {
        receive: { bytes: 100n, packets: 2n, errors: 3n, dropped: 4n },
        transmit: { bytes: 500n, packets: 6n, errors: 7n, dropped: 8n },
      },
    ],
  ])
})

test("the host's processors are counted and their time is summed", () => {
  const text = 'cpu  1 2 3 4 5 6 7 800 9 10\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 5\n'
  assert.deepEqual(parseProcStat(text), { time: 280_000_000n, online: 2 })
})
