import { accessSync, constants } from 'node:fs'
import { release } from 'node:os'
import koffi from 'koffi'
import type { Cgroups } from '../cgroups/cgroups.ts'
import { hasFilesystem } from '../mounts/filesystem.ts'
import { NFT_LIBRARY } from '../network/nft.ts'

/** What containers are made of. The unified hierarchy stops and confines devices without controllers. */
const NEEDED_CONTROLLERS = {
  v1: ['cpu', 'memory', 'pids', 'devices', 'freezer'],
  hybrid: ['cpu', 'memory', 'pids', 'devices', 'freezer'],
  v2: ['cpu', 'memory', 'pids'],
} as const

/** mount_setattr; openat2 and pidfd_open are older. */
const OLDEST_KERNEL = [5, 12] as const

export interface NeededPrograms {
  readonly runtime: string
  readonly conmon: string
  readonly cgroups: Cgroups
}

/** One line for each thing without which no container can run; empty on a fit host. */
export function checkHost({ runtime, conmon, cgroups }: NeededPrograms): readonly string[] {
  const isRoot = process.getuid?.() === 0
  return [
    ...(isRoot ? [] : ['slipwayd must be run as root']),
    ...missingKernel(release()),
    ...missingProgram(runtime, 'crun'),
    ...missingProgram(conmon, 'conmon'),
    ...(canLoad(NFT_LIBRARY) ? [] : [`${NFT_LIBRARY} not found: install the package libnftables1`]),
    ...(!isRoot || hasFilesystem('overlay') ? [] : ['the kernel has no overlay filesystem: modprobe overlay']),
    ...missingControllers(cgroups),
  ]
}

export function missingKernel(version: string): string[] {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const [oldestMajor, oldestMinor] = OLDEST_KERNEL
  const isEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  return isEnough ? [] : [`Linux ${version} is too old: ${OLDEST_KERNEL.join('.')} or newer is needed`]
}

function missingProgram(path: string, name: string): string[] {
  try {
    accessSync(path, constants.X_OK)
    return []
  } catch {
    return [`${path} not found or not executable: install the package ${name}`]
  }
}

/** Loading leaves the library in memory, where the first use would put it anyway. */
function canLoad(library: string): boolean {
  try {
    koffi.load(library)
    return true
  } catch {
    return false
  }
}

export function missingControllers({ mode, controllers }: Pick<Cgroups, 'mode' | 'controllers'>): string[] {
  const absent = NEEDED_CONTROLLERS[mode].filter((controller) => !controllers.has(controller))
  return absent.length === 0 ? [] : [`cgroup controllers not available: ${absent.join(', ')}`]
}
