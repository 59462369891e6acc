import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeUsage, type UsageFrame } from './usage.ts'

const frame: UsageFrame = {
  id: '0123456789abcdef',
  name: '/web',
  cpu_stats: { cpu_usage: { total_usage: 600 }, system_cpu_usage: 3000, online_cpus: 2 },
  precpu_stats: { cpu_usage: { total_usage: 100 }, system_cpu_usage: 2000 },
  memory_stats: { usage: 3 << 20, limit: 63 << 20, stats: { total_inactive_file: 1 << 20, inactive_file: 7 } },
  pids_stats: { current: 3 },
  networks: { eth0: { rx_bytes: 1000, tx_bytes: 20 }, eth1: { rx_bytes: 236, tx_bytes: 0 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: 'Read', value: 4096 },
      { op: 'write', value: 5 },
      { op: 'Total', value: 4101 },
    ],
  },
}

test('usage is computed as by the client of docker', () => {
  assert.deepEqual(describeUsage(frame, { whole: false, asked: 'web' }), {
    Container: 'web',
    ID: '0123456789ab',
    Name: 'web',
    CPUPerc: '100.00%',
    MemUsage: '2MiB / 63MiB',
    MemPerc: '3.17%',
    NetIO: '1.24kB / 20B',
    BlockIO: '4.1kB / 5B',
    PIDs: 3,
  })
})

test('a container that does not run uses nothing', () => {
  const still = {
    ...frame,
    cpu_stats: { cpu_usage: { total_usage: 0 } },
    precpu_stats: { cpu_usage: { total_usage: 0 } },
    memory_stats: {},
    pids_stats: {},
    networks: {},
    blkio_stats: { io_service_bytes_recursive: null },
  }
  const { CPUPerc, MemUsage, MemPerc, NetIO, BlockIO, PIDs } = describeUsage(still, { whole: true, asked: '' })
  assert.deepEqual(
    [CPUPerc, MemUsage, MemPerc, NetIO, BlockIO, PIDs],
    ['0.00%', '0B / 0B', '0.00%', '0B / 0B', '0B / 0B', 0],
  )
})
