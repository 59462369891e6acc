/** Counters are integers of 64 bits. */
type Counter = bigint | number

export interface CpuStats {
  readonly cpu_usage: {
    readonly total_usage: Counter
    readonly percpu_usage?: readonly Counter[]
    readonly usage_in_kernelmode: Counter
    readonly usage_in_usermode: Counter
  }
  readonly system_cpu_usage?: Counter
  readonly online_cpus?: number
  readonly throttling_data: {
    readonly periods: Counter
    readonly throttled_periods: Counter
    readonly throttled_time: Counter
  }
}

export interface MemoryStats {
  readonly usage?: Counter
  readonly max_usage?: Counter
  readonly stats?: Readonly<Record<string, Counter>>
  readonly failcnt?: Counter
  readonly limit?: Counter
}

export interface BlkioStatEntry {
  readonly major: Counter
  readonly minor: Counter
  readonly op: string
  readonly value: Counter
}

export interface BlkioStats {
  readonly io_service_bytes_recursive: readonly BlkioStatEntry[] | null
  readonly io_serviced_recursive: readonly BlkioStatEntry[] | null
  readonly io_queue_recursive: readonly BlkioStatEntry[] | null
  readonly io_service_time_recursive: readonly BlkioStatEntry[] | null
  readonly io_wait_time_recursive: readonly BlkioStatEntry[] | null
  readonly io_merged_recursive: readonly BlkioStatEntry[] | null
  readonly io_time_recursive: readonly BlkioStatEntry[] | null
  readonly sectors_recursive: readonly BlkioStatEntry[] | null
}

export interface NetworkStats {
  readonly rx_bytes: Counter
  readonly rx_packets: Counter
  readonly rx_errors: Counter
  readonly rx_dropped: Counter
  readonly tx_bytes: Counter
  readonly tx_packets: Counter
  readonly tx_errors: Counter
  readonly tx_dropped: Counter
}

export interface ContainerStats {
  readonly name: string
  readonly id: string
  readonly read: string
  readonly preread: string
  readonly pids_stats: { readonly current?: Counter; readonly limit?: Counter }
  readonly blkio_stats: BlkioStats
  readonly num_procs: number
  readonly storage_stats: Readonly<Record<string, never>>
  readonly cpu_stats: CpuStats
  readonly precpu_stats: CpuStats
  readonly memory_stats: MemoryStats
  readonly networks?: Readonly<Record<string, NetworkStats>>
}
