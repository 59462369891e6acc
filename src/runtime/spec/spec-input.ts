import type { RuntimeMount } from '../../oci/index.ts'
import type { WindowSize } from '../contract.ts'
import type { SeccompProfile } from './seccomp-profile.ts'

/**
 * Everything that decides an OCI runtime configuration, with Docker's defaults left out. Containers and build steps
 * both go through it, so that both get the same isolation.
 */
export interface SpecInput {
  readonly id: string
  /** The mounted root filesystem. */
  readonly rootfs: string
  readonly readonlyRootfs: boolean
  readonly args: readonly string[]
  /** Complete environment in `K=V` form, later entries winning; PATH, HOSTNAME, HOME and TERM are completed here. */
  readonly env: readonly string[]
  readonly cwd: string
  /** `user[:group]`, names or numbers, looked up in the root filesystem's passwd and group. Empty: root. */
  readonly user: string
  readonly groupAdd: readonly string[]
  readonly hostname: string
  readonly domainname: string
  readonly terminal: boolean
  readonly size?: WindowSize
  readonly cgroup: string
  /** undefined: share the host's; a path: join; 'private': a new one. */
  readonly namespaces: {
    readonly network: string | undefined
    readonly pid: 'private' | string | undefined
    readonly ipc: 'private' | string | undefined
    readonly uts: 'private' | string | undefined
    readonly cgroup: 'private' | string | undefined
  }
  /** In the order in which they must be mounted; appended to Docker's default mounts, which they may replace. */
  readonly mounts: readonly RuntimeMount[]
  readonly shmSize: number
  readonly privileged: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly noNewPrivileges: boolean
  /** 'default' (Docker's; none when privileged), 'unconfined', or a parsed profile, resolved for the capabilities here. */
  readonly seccomp: 'default' | 'unconfined' | SeccompProfile
  readonly apparmor: string | undefined
  /** undefined: Docker's default list. */
  readonly maskedPaths: readonly string[] | undefined
  readonly readonlyPaths: readonly string[] | undefined
  readonly sysctls: Readonly<Record<string, string>>
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  readonly oomScoreAdj: number
  readonly devices: readonly {
    readonly hostPath: string
    readonly containerPath: string
    readonly permissions: string
  }[]
  readonly deviceCgroupRules: readonly string[]
  readonly resources: ResourceLimits
  readonly annotations: Readonly<Record<string, string>>
}

/** Limits in base units (bytes, microseconds, shares); undefined leaves the kernel's default. */
export interface ResourceLimits {
  readonly memory?: number
  readonly memoryReservation?: number
  /** Memory plus swap in bytes; -1 unlimited. */
  readonly memorySwap?: number
  readonly memorySwappiness?: number
  readonly oomKillDisable?: boolean
  readonly nanoCpus?: number
  readonly cpuShares?: number
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly pidsLimit?: number
  readonly blkioWeight?: number
}
