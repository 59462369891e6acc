import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStats } from '../../../containers/index.ts'
import { stringify } from '../http/answer.ts'
import { encodeStats } from './stats.ts'

type Numbers = NonNullable<ContainerStats['numbers']>

const numbers: Numbers = {
  at: 1_500_000_000n,
  host: { time: 5000n, online: 2 },
  task: {
    cgroupVersion: '2',
    cpu: {
      total: 30n,
      user: 20n,
      kernel: 10n,
      perCpu: undefined,
      periods: 1n,
      throttledPeriods: 2n,
      throttledTime: 3n,
    },
    memory: { usage: 100n, maxUsage: undefined, limit: 1000n, failures: 0n, details: new Map([['anon', 7n]]) },
    pids: { current: 4n, limit: undefined },
    blocks: { bytes: [{ major: 8n, minor: 0n, op: 'read', value: 9n }], operations: [] },
    networks: new Map(),
  },
}

test('a container of cgroup v2 is told without what only v1 has', () => {
  const frame = encodeStats({ id: 'f00', name: 'web', numbers, previous: undefined })
  assert.deepEqual([frame.name, frame.read, frame.preread], ['/web', '1970-01-01T00:00:01.5Z', '0001-01-01T00:00:00Z'])
  assert.equal(frame.cpu_stats.cpu_usage.percpu_usage, undefined)
  assert.equal(frame.precpu_stats.system_cpu_usage, undefined)
  assert.deepEqual(frame.memory_stats.stats?.anon, 7n)
  assert.deepEqual([frame.memory_stats.max_usage, frame.memory_stats.stats?.total_rss], [undefined, undefined])
  assert.equal(frame.blkio_stats.io_serviced_recursive, null)
  assert.equal(frame.networks, undefined)
})

test('counters of 64 bits keep all their digits on the wire', () => {
  const text = stringify(encodeStats({ id: 'f00', name: 'web', numbers, previous: undefined }))
  assert.match(text, /"pids_stats":\{"current":4,"limit":18446744073709551615\}/)
})

test('a container of cgroup v1 has empty lists and no limit of processes', () => {
  const task = { ...numbers.task, cgroupVersion: '1' as const }
  const frame = encodeStats({ id: 'f00', name: 'web', numbers: { ...numbers, task }, previous: numbers })
  assert.deepEqual(frame.blkio_stats.io_queue_recursive, [])
  assert.deepEqual(frame.pids_stats, { current: 4n })
  assert.equal(frame.precpu_stats.system_cpu_usage, 5000n)
  assert.equal(frame.memory_stats.stats?.total_rss, 0)
})
