import { existsSync } from 'node:fs'
import type { RuntimeMount } from '../../oci/index.ts'
import type { SpecInput, WindowSize } from '../../runtime/index.ts'
import type { ContainerRecord } from '../record.ts'
import { containerOf } from './modes.ts'
import { hasInit, INIT_PATH } from './runtime-mounts.ts'
import { parseSecurityOptions } from './security-options.ts'

/** Where a container runs: what is known only when it starts. */
export interface SpecPlace {
  /** The mounted root filesystem. */
  readonly rootfs: string
  /** Path of the network namespace; undefined: the host's. */
  readonly netns: string | undefined
  readonly namespaces: Pick<SpecInput['namespaces'], 'pid' | 'ipc' | 'uts' | 'cgroup'>
  readonly mounts: readonly RuntimeMount[]
  readonly cgroup: string
  readonly size?: WindowSize
}

/** Everything that decides the runtime configuration of a recorded container. */
export function specInputOf(record: ContainerRecord, place: SpecPlace): SpecInput {
  const { id, config, host, path, args } = record
  const { wholeSystemPaths, ...security } = parseSecurityOptions(host.securityOpt)
  const { pid, ipc, uts, cgroup } = place.namespaces
  const command = [path, ...args]
  return {
    id,
    rootfs: place.rootfs,
    readonlyRootfs: host.readonlyRootfs,
    args: hasInit(record) ? [INIT_PATH, '--', ...command] : command,
    env: config.env,
    cwd: config.workingDir || '/',
    user: config.user,
    groupAdd: host.groupAdd,
    hostname: config.hostname,
    domainname: config.domainname,
    terminal: config.tty,
    ...(place.size ? { size: place.size } : {}),
    cgroup: place.cgroup,
    namespaces: { network: place.netns, pid, ipc, uts, cgroup },
    mounts: place.mounts,
    shmSize: host.shmSize,
    privileged: host.privileged,
    capAdd: host.capAdd,
    capDrop: host.capDrop,
    ...security,
    maskedPaths: wholeSystemPaths ? [] : host.maskedPaths,
    readonlyPaths: wholeSystemPaths ? [] : host.readonlyPaths,
    sysctls: { ...networkSysctls(record), ...host.sysctls },
    ulimits: host.ulimits,
    oomScoreAdj: host.oomScoreAdj,
    devices: host.devices.map(({ pathOnHost, pathInContainer, cgroupPermissions }) => ({
      hostPath: pathOnHost,
      containerPath: pathInContainer || pathOnHost,
      permissions: cgroupPermissions || 'rwm',
    })),
    deviceCgroupRules: host.deviceCgroupRules,
    resources: host.resources,
    annotations: host.annotations,
  }
}

/** In a network of its own everybody may ping and listen on low ports. */
const NETWORK_SYSCTLS = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
}

function networkSysctls({ host }: ContainerRecord): Readonly<Record<string, string>> {
  if (host.networkMode === 'host' || containerOf(host.networkMode) !== undefined) return {}
  return Object.fromEntries(
    Object.entries(NETWORK_SYSCTLS).filter(([name]) => existsSync(`/proc/sys/${name.replaceAll('.', '/')}`)),
  )
}
