import { existsSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os'
import koffi from 'koffi'
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
  const release_ = readIfThere('/etc/os-release') ?? readIfThere('/usr/lib/os-release') ?? ''
  const has = (controller: string): boolean => cgroups.mode === 'v2' || cgroups.controllers.has(controller)
  return {
    kernelVersion: release(),
    osName: osReleaseField(release_, 'PRETTY_NAME') ?? 'Linux',
    osVersion: osReleaseField(release_, 'VERSION_ID') ?? '',
    architecture: MACHINE[arch()] ?? arch(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    hostname: hostname(),
    cgroupVersion: cgroups.mode === 'v2' ? '2' : '1',
    canRaiseLimits: effectiveCapabilities().has('CAP_SYS_RESOURCE'),
    seccomp: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
    apparmor: readIfThere('/sys/module/apparmor/parameters/enabled')?.startsWith('Y') ?? false,
    memoryLimit: has('memory'),
    swapLimit: cgroups.mode === 'v2' || cgroups.read('/', 'memory.memsw.limit_in_bytes') !== undefined,
    cpuCfs: cgroups.mode === 'v2' || cgroups.read('/', 'cpu.cfs_quota_us') !== undefined || has('cpu'),
    cpuset: has('cpuset'),
    pidsLimit: has('pids'),
    oomKillDisable: cgroups.mode !== 'v2' && has('memory'),
  }
}

const NEEDED_CONTROLLERS = ['cpu', 'memory', 'pids', 'devices', 'freezer']

/** One line for each thing without which no container can run; empty on a fit host. */
export function checkHost({
  runtime,
  conmon,
  cgroups,
}: {
  readonly runtime: string
  readonly conmon: string
  readonly cgroups: Cgroups
}): readonly string[] {
  const missing: string[] = []
  if (process.getuid?.() !== 0) missing.push('slipwayd must be run as root')
  for (const [program, name] of [
    [runtime, 'crun'],
    [conmon, 'conmon'],
  ] as const) {
    if (!existsSync(program)) missing.push(`${program} not found: install the package ${name}`)
  }
  if (!canLoad('libnftables.so.1')) missing.push('libnftables.so.1 not found: install the package nftables')
  if (!/^\S*\toverlay$/m.test(readIfThere('/proc/filesystems') ?? '')) {
    missing.push('the kernel has no overlay filesystem: modprobe overlay')
  }
  if (cgroups.mode !== 'v2') {
    const absent = NEEDED_CONTROLLERS.filter((controller) => !cgroups.controllers.has(controller))
    if (absent.length > 0) missing.push(`cgroup controllers not mounted: ${absent.join(', ')}`)
  }
  return missing
}

function canLoad(library: string): boolean {
  try {
    koffi.load(library)
    return true
  } catch {
    return false
  }
}

function osReleaseField(text: string, name: string): string | undefined {
  const value = new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]
  return value?.replace(/^(["'])(.*)\1$/, '$2')
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
