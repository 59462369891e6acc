import { existsSync, readFileSync } from 'node:fs'
import { openCgroups, probeHost } from '../../kernel/index.ts'

/** Which limits this host can hold. */
export interface LimitSupport {
  readonly cgroupVersion: '1' | '2'
  readonly cpus: number
  readonly memory: boolean
  readonly swap: boolean
  readonly swappiness: boolean
  readonly oomKillDisable: boolean
  readonly cpuCfs: boolean
  readonly cpuset: boolean
  readonly pids: boolean
  readonly blkioWeight: boolean
  /** As the kernel lists them: `0-3,7`. */
  readonly availableCpus: string
  readonly availableMems: string
}

/** Looks at the cgroups of this host; it does not change while the engine runs. */
export function probeLimitSupport(): LimitSupport {
  const cgroups = openCgroups()
  const host = probeHost(cgroups)
  const isV2 = cgroups.mode === 'v2'
  const hasFile = (...files: readonly string[]): boolean => files.some((file) => cgroups.read('/', file) !== undefined)
  return {
    cgroupVersion: host.cgroupVersion,
    cpus: host.cpus,
    memory: host.memoryLimit,
    swap: host.swapLimit,
    swappiness: !isV2 && hasFile('memory.swappiness'),
    oomKillDisable: host.oomKillDisable,
    cpuCfs: host.cpuCfs,
    cpuset: host.cpuset,
    pids: host.pidsLimit,
    blkioWeight: isV2 ? existsSync('/sys/fs/cgroup/io.weight') : hasFile('blkio.weight', 'blkio.bfq.weight'),
    availableCpus: readList('/sys/devices/system/cpu/online'),
    availableMems: readList('/sys/devices/system/node/online') || '0',
  }
}

function readList(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}
