import { binarySize, humanSize } from '../format/units.ts'

interface CpuTimes {
  readonly cpu_usage: { readonly total_usage: number }
  readonly system_cpu_usage?: number
  readonly online_cpus?: number
}

/** What this program reads of the statistics of one container. */
export interface UsageFrame {
  readonly id: string
  readonly name: string
  readonly cpu_stats: CpuTimes
  readonly precpu_stats: CpuTimes
  readonly memory_stats: {
    readonly usage?: number
    readonly limit?: number
    readonly stats?: Readonly<Record<string, number>>
  }
  readonly pids_stats: { readonly current?: number }
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>
  readonly blkio_stats: {
    readonly io_service_bytes_recursive: readonly { readonly op: string; readonly value: number }[] | null
  }
}

/** One row of `stats`, by the names that `--format` knows; computed as Docker's client does. */
export function describeUsage(
  frame: UsageFrame,
  { whole, asked }: { readonly whole: boolean; readonly asked: string },
) {
  const { limit = 0 } = frame.memory_stats
  const used = usedMemory(frame.memory_stats)
  const networks = Object.values(frame.networks ?? {})
  const sum = (values: readonly number[]): string =>
    humanSize(
      values.reduce((total, value) => total + value, 0),
      3,
    )
  const blocks = (letter: string): readonly number[] =>
    (frame.blkio_stats.io_service_bytes_recursive ?? [])
      .filter(({ op }) => op.toLowerCase().startsWith(letter))
      .map(({ value }) => value)
  return {
    Container: asked,
    ID: whole ? frame.id : frame.id.slice(0, 12),
    Name: frame.name.replace(/^\//, ''),
    CPUPerc: `${cpuPercent(frame).toFixed(2)}%`,
    MemUsage: `${binarySize(used)} / ${binarySize(limit)}`,
    MemPerc: `${(limit > 0 ? (used / limit) * 100 : 0).toFixed(2)}%`,
    NetIO: `${sum(networks.map(({ rx_bytes }) => rx_bytes))} / ${sum(networks.map(({ tx_bytes }) => tx_bytes))}`,
    BlockIO: `${sum(blocks('r'))} / ${sum(blocks('w'))}`,
    PIDs: frame.pids_stats.current ?? 0,
  }
}

/** Of one processor: two that are busy are 200. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: UsageFrame): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage
  const system = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0)
  return used > 0 && system > 0 ? (used / system) * (now.online_cpus ?? 1) * 100 : 0
}

/** Without what the kernel would give back first: the cache of files that nobody uses. */
function usedMemory({ usage = 0, stats = {} }: UsageFrame['memory_stats']): number {
  const cache = stats.total_inactive_file ?? stats.inactive_file ?? 0
  return cache < usage ? usage - cache : usage
}
