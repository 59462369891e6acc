import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { hasCode } from '../../base/index.ts'
import type { Cgroups } from '../../kernel/index.ts'
import type { CpuStats, MemoryStats, NetworkCounters, TaskStats } from '../contract.ts'
import { type Counter, parseBlockLines, parseCounter, parseCounters, parseIoStat, parseList } from './cgroup-text.ts'

/** Nanoseconds of a clock tick in cpuacct.stat: USER_HZ is 100 everywhere. */
const TICK = 10_000_000n
const MICROSECOND = 1000n
/** How v1 writes that there is no limit: something close to the highest signed number. */
const NO_LIMIT = 1n << 62n

/** What a task uses, read from its cgroups and its network namespace; undefined when they have gone. */
export function readTaskStats(
  cgroups: Cgroups,
  { cgroup, pid }: { readonly cgroup: string; readonly pid: number },
): TaskStats | undefined {
  const read = (file: string): string | undefined => cgroups.read(cgroup, file)
  const isV2 = cgroups.mode === 'v2'
  const networks = readNetworks(pid)
  if (networks === undefined) return undefined
  return {
    cgroupVersion: isV2 ? '2' : '1',
    cpu: isV2 ? cpuV2(read) : cpuV1(read),
    memory: isV2 ? memoryV2(read) : memoryV1(read),
    pids: { current: parseCounter(read('pids.current')) ?? 0n, limit: parseCounter(read('pids.max')) },
    blocks: isV2
      ? { bytes: parseIoStat(read('io.stat'), { rbytes: 'read', wbytes: 'write' }), operations: [] }
      : blocksV1(read),
    networks,
  }
}

type Read = (file: string) => string | undefined

function cpuV1(read: Read): CpuStats {
  const ticks = parseCounters(read('cpuacct.stat'))
  const throttling = parseCounters(read('cpu.stat'))
  return {
    total: parseCounter(read('cpuacct.usage')) ?? 0n,
    user: (ticks.get('user') ?? 0n) * TICK,
    kernel: (ticks.get('system') ?? 0n) * TICK,
    perCpu: parseList(read('cpuacct.usage_percpu')),
    periods: throttling.get('nr_periods') ?? 0n,
    throttledPeriods: throttling.get('nr_throttled') ?? 0n,
    throttledTime: throttling.get('throttled_time') ?? 0n,
  }
}

function cpuV2(read: Read): CpuStats {
  const stat = parseCounters(read('cpu.stat'))
  const time = (name: string): Counter => (stat.get(name) ?? 0n) * MICROSECOND
  return {
    total: time('usage_usec'),
    user: time('user_usec'),
    kernel: time('system_usec'),
    perCpu: undefined,
    periods: stat.get('nr_periods') ?? 0n,
    throttledPeriods: stat.get('nr_throttled') ?? 0n,
    throttledTime: time('throttled_usec'),
  }
}

function memoryV1(read: Read): MemoryStats {
  const limit = parseCounter(read('memory.limit_in_bytes'))
  return {
    usage: parseCounter(read('memory.usage_in_bytes')) ?? 0n,
    maxUsage: parseCounter(read('memory.max_usage_in_bytes')),
    limit: limitOf(limit !== undefined && limit < NO_LIMIT ? limit : undefined),
    failures: parseCounter(read('memory.failcnt')) ?? 0n,
    details: parseCounters(read('memory.stat')),
  }
}

function memoryV2(read: Read): MemoryStats {
  return {
    usage: parseCounter(read('memory.current')) ?? 0n,
    maxUsage: undefined,
    limit: limitOf(parseCounter(read('memory.max'))),
    failures: parseCounters(read('memory.events')).get('oom') ?? 0n,
    details: parseCounters(read('memory.stat')),
  }
}

/** Nobody has more than the machine. */
function limitOf(limit: Counter | undefined): Counter {
  const machine = BigInt(totalmem())
  return limit === undefined || limit > machine ? machine : limit
}

/** The scheduler that counts depends on the device; the throttling layer sees them all. */
function blocksV1(read: Read): TaskStats['blocks'] {
  const first = (...files: readonly string[]) =>
    files.map((file) => parseBlockLines(read(file))).find((lines) => lines.length > 0) ?? []
  return {
    bytes: first('blkio.bfq.io_service_bytes_recursive', 'blkio.throttle.io_service_bytes_recursive'),
    operations: first('blkio.bfq.io_serviced_recursive', 'blkio.throttle.io_serviced_recursive'),
  }
}

function readNetworks(pid: number): ReadonlyMap<string, NetworkCounters> | undefined {
  try {
    return parseNetDev(readFileSync(`/proc/${pid}/net/dev`, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EINVAL')) return undefined
    throw error
  }
}

/** Interfaces of /proc/net/dev besides the loopback. */
export function parseNetDev(text: string): ReadonlyMap<string, NetworkCounters> {
  const interfaces = text.split('\n').flatMap((line): [string, NetworkCounters][] => {
    const [, name, numbers = ''] = /^\s*([^\s:]+):(.*)$/.exec(line) ?? []
    if (name === undefined || name === 'lo') return []
    const counters = parseList(numbers)
    const [receive, transmit] = [counters.slice(0, 8), counters.slice(8)]
    return [[name, { receive: directionOf(receive), transmit: directionOf(transmit) }]]
  })
  return new Map(interfaces)
}

function directionOf([bytes = 0n, packets = 0n, errors = 0n, dropped = 0n]: readonly Counter[]) {
  return { bytes, packets, errors, dropped }
}
