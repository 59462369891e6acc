import { existsSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os'
import type { Cgroups } from '../cgroups/cgroups.ts'
import { effectiveCapabilities } from './capabilities.ts'

/** What `info` tells of the machine. */
export interface HostFacts {
  readonly kernelVersion: string
  /** PRETTY_NAME of os-release. */
  readonly osName: string
  readonly osVersion: string
  /** As uname(1) prints it: `x86_64`, `aarch64`. */
  readonly architecture: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly hostname: string
  readonly cgroupVersion: '1' | '2'
  readonly canRaiseLimits: boolean
  readonly seccomp: boolean
  readonly apparmor: boolean
  readonly memoryLimit: boolean
  readonly swapLimit: boolean
  readonly cpuCfs: boolean
  readonly cpuset: boolean
  readonly pidsLimit: boolean
  readonly oomKillDisable: boolean
}

const MACHINE: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

export function probeHost(cgroups: Cgroups): HostFacts {
  const osRelease = readIfThere('/etc/os-release') ?? readIfThere('/usr/lib/os-release') ?? ''
  const { controllers, mode } = cgroups
  const isV2 = mode === 'v2'
  return {
    kernelVersion: release(),
    osName: osReleaseField(osRelease, 'PRETTY_NAME') ?? 'Linux',
    osVersion: osReleaseField(osRelease, 'VERSION_ID') ?? '',
    architecture: MACHINE[arch()] ?? arch(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    hostname: hostname(),
    cgroupVersion: isV2 ? '2' : '1',
    canRaiseLimits: effectiveCapabilities().has('CAP_SYS_RESOURCE'),
    seccomp: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
    apparmor: readIfThere('/sys/module/apparmor/parameters/enabled')?.startsWith('Y') ?? false,
    memoryLimit: controllers.has('memory'),
    // v2 has the files in the cgroups below the root alone; where there is memory there is swap.
    swapLimit: isV2 ? controllers.has('memory') : cgroups.read('/', 'memory.memsw.limit_in_bytes') !== undefined,
    cpuCfs: isV2 ? controllers.has('cpu') : cgroups.read('/', 'cpu.cfs_quota_us') !== undefined,
    cpuset: controllers.has('cpuset'),
    pidsLimit: controllers.has('pids'),
    oomKillDisable: !isV2 && controllers.has('memory'),
  }
}

/** A field of os-release(5); undefined when it is absent. */
export function osReleaseField(text: string, name: string): string | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}=`))
  const value = line?.slice(name.length + 1)
  return value?.replace(/^(["'])(.*)\1$/, (_, __, inner: string) => inner.replace(/\\([\\"$`])/g, '$1'))
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
