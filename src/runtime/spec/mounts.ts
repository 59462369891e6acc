import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import type { RuntimeMount } from '../../oci/index.ts'
import type { SpecInput } from './spec-input.ts'

/** Paths of /proc and /sys that are hidden, as Docker hides them. */
export function defaultMaskedPaths(): readonly string[] {
  return [
    '/proc/acpi',
    '/proc/asound',
    '/proc/interrupts',
    '/proc/kcore',
    '/proc/keys',
    '/proc/latency_stats',
    '/proc/sched_debug',
    '/proc/scsi',
    '/proc/timer_list',
    '/proc/timer_stats',
    '/sys/devices/virtual/powercap',
    '/sys/firmware',
    ...cpus()
      .map((_, index) => `/sys/devices/system/cpu/cpu${index}/thermal_throttle`)
      .filter((path) => existsSync(path)),
  ]
}

export const DEFAULT_READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/**
 * Docker's mounts, those of the container behind them in their order. One with the destination of a default takes
 * the place of that.
 */
export function resolveMounts(
  input: Pick<SpecInput, 'mounts' | 'privileged' | 'shmSize' | 'namespaces'>,
): readonly RuntimeMount[] {
  const taken = new Set(input.mounts.map(({ destination }) => destination))
  return [...defaultMounts(input).filter(({ destination }) => !taken.has(destination)), ...input.mounts]
}

function defaultMounts({
  privileged,
  shmSize,
  namespaces,
}: Pick<SpecInput, 'privileged' | 'shmSize' | 'namespaces'>): readonly RuntimeMount[] {
  const closed = ['nosuid', 'noexec', 'nodev']
  const access = privileged ? 'rw' : 'ro'
  const mounts: RuntimeMount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: closed },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...closed, access] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [access, ...closed] },
  ]
  return [...mounts, ...(namespaces.ipc === undefined ? hostIpcMounts() : ownIpcMounts(shmSize))]
}

function ownIpcMounts(shmSize: number): readonly RuntimeMount[] {
  const closed = ['nosuid', 'noexec', 'nodev']
  return [
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: closed },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...closed, 'mode=1777', `size=${shmSize}`] },
  ]
}

function hostIpcMounts(): readonly RuntimeMount[] {
  return ['/dev/mqueue', '/dev/shm']
    .filter((path) => existsSync(path))
    .map((path) => ({ destination: path, type: 'bind', source: path, options: ['rbind', 'nosuid', 'noexec', 'nodev'] }))
}
