import { formatTimestamp } from '../../../base/index.ts'
import type { ContainerStats } from '../../../containers/index.ts'
import type { BlockCounter, NetworkCounters } from '../../../runtime/index.ts'
import type * as wire from '../../types/index.ts'

type Numbers = NonNullable<ContainerStats['numbers']>

/** Go's zero time: there was no sample. */
const NEVER = '0001-01-01T00:00:00Z'
/** How v2 writes that there is no limit of processes. */
const NO_LIMIT = 2n ** 64n - 1n

/** One frame of statistics; all zeros for a container that does not run. */
export function encodeStats({ id, name, numbers, previous }: ContainerStats): wire.ContainerStats {
  return {
    name: `/${name}`,
    id,
    read: timeOf(numbers),
    preread: timeOf(previous),
    pids_stats: numbers ? encodePids(numbers) : {},
    blkio_stats: encodeBlocks(numbers),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: encodeCpu(numbers),
    precpu_stats: encodeCpu(previous),
    memory_stats: numbers ? encodeMemory(numbers) : {},
    ...(numbers && numbers.task.networks.size > 0 && { networks: encodeNetworks(numbers.task.networks) }),
  }
}

function timeOf(numbers: Numbers | undefined): string {
  return numbers ? formatTimestamp(numbers.at) : NEVER
}

function encodePids({ task: { pids, cgroupVersion } }: Numbers): wire.ContainerStats['pids_stats'] {
  const { current, limit = cgroupVersion === '2' ? NO_LIMIT : 0n } = pids
  return { ...(current > 0n && { current }), ...(limit > 0n && { limit }) }
}

function encodeCpu(numbers: Numbers | undefined): wire.CpuStats {
  const { cpu } = numbers?.task ?? {}
  return {
    cpu_usage: {
      total_usage: cpu?.total ?? 0,
      ...(cpu?.perCpu && { percpu_usage: cpu.perCpu }),
      usage_in_kernelmode: cpu?.kernel ?? 0,
      usage_in_usermode: cpu?.user ?? 0,
    },
    ...(numbers && { system_cpu_usage: numbers.host.time, online_cpus: numbers.host.online }),
    throttling_data: {
      periods: cpu?.periods ?? 0,
      throttled_periods: cpu?.throttledPeriods ?? 0,
      throttled_time: cpu?.throttledTime ?? 0,
    },
  }
}

/** Docker's choice out of memory.stat. */
const DETAILS = {
  '1': [
    ...['cache', 'rss', 'rss_huge', 'mapped_file', 'dirty', 'writeback', 'pgpgin', 'pgpgout', 'pgfault', 'pgmajfault'],
    ...['inactive_anon', 'active_anon', 'inactive_file', 'active_file', 'unevictable'],
    ...['hierarchical_memory_limit', 'hierarchical_memsw_limit'],
    ...['total_cache', 'total_rss', 'total_rss_huge', 'total_mapped_file', 'total_dirty', 'total_writeback'],
    ...['total_pgpgin', 'total_pgpgout', 'total_pgfault', 'total_pgmajfault', 'total_inactive_anon'],
    ...['total_active_anon', 'total_inactive_file', 'total_active_file', 'total_unevictable'],
  ],
  '2': [
    ...['anon', 'file', 'kernel_stack', 'slab', 'sock', 'shmem', 'file_mapped', 'file_dirty', 'file_writeback'],
    ...['anon_thp', 'inactive_anon', 'active_anon', 'inactive_file', 'active_file', 'unevictable'],
    ...['slab_reclaimable', 'slab_unreclaimable', 'pgfault', 'pgmajfault', 'workingset_refault'],
    ...['workingset_activate', 'workingset_nodereclaim', 'pgrefill', 'pgscan', 'pgsteal', 'pgactivate'],
    ...['pgdeactivate', 'pglazyfree', 'pglazyfreed', 'thp_fault_alloc', 'thp_collapse_alloc'],
  ],
} as const

function encodeMemory({ task: { memory, cgroupVersion } }: Numbers): wire.MemoryStats {
  const { usage, maxUsage = 0n, failures, limit, details } = memory
  return {
    ...(usage > 0n && { usage }),
    ...(maxUsage > 0n && { max_usage: maxUsage }),
    stats: Object.fromEntries(DETAILS[cgroupVersion].map((name) => [name, details.get(name) ?? 0])),
    ...(failures > 0n && { failcnt: failures }),
    limit,
  }
}

function encodeBlocks(numbers: Numbers | undefined): wire.BlkioStats {
  // Docker sends empty lists for v1, and null for what it does not know.
  const unknown = numbers?.task.cgroupVersion === '1' ? [] : null
  const encode = (found: readonly BlockCounter[] = []) => (found.length > 0 ? found : unknown)
  return {
    io_service_bytes_recursive: encode(numbers?.task.blocks.bytes),
    io_serviced_recursive: encode(numbers?.task.blocks.operations),
    io_queue_recursive: unknown,
    io_service_time_recursive: unknown,
    io_wait_time_recursive: unknown,
    io_merged_recursive: unknown,
    io_time_recursive: unknown,
    sectors_recursive: unknown,
  }
}

function encodeNetworks(networks: ReadonlyMap<string, NetworkCounters>): Readonly<Record<string, wire.NetworkStats>> {
  return Object.fromEntries(
    Array.from(networks, ([name, { receive, transmit }]) => [
      name,
      {
        rx_bytes: receive.bytes,
        rx_packets: receive.packets,
        rx_errors: receive.errors,
        rx_dropped: receive.dropped,
        tx_bytes: transmit.bytes,
        tx_packets: transmit.packets,
        tx_errors: transmit.errors,
        tx_dropped: transmit.dropped,
      },
    ]),
  )
}
