import type { ContainerSummary } from './container.ts'
import type { ImageSummary } from './image.ts'
import type { Volume } from './volume.ts'

export interface ComponentVersion {
  readonly Name: string
  readonly Version: string
  readonly Details?: Readonly<Record<string, string>>
}

export interface Version {
  readonly Platform: { readonly Name: string }
  readonly Components: readonly ComponentVersion[]
  readonly Version: string
  readonly ApiVersion: string
  readonly MinAPIVersion: string
  readonly GitCommit: string
  readonly GoVersion: string
  readonly Os: string
  readonly Arch: string
  readonly KernelVersion?: string
  readonly Experimental?: boolean
  readonly BuildTime?: string
}

export interface Commit {
  readonly ID: string
  /** Before 1.49. */
  readonly Expected?: string
}

export interface RegistryConfig {
  readonly InsecureRegistryCIDRs: readonly string[]
  readonly IndexConfigs: Readonly<
    Record<
      string,
      {
        readonly Name: string
        readonly Mirrors: readonly string[]
        readonly Secure: boolean
        readonly Official: boolean
      }
    >
  >
  readonly Mirrors: readonly string[] | null
  /** Before 1.47. */
  readonly AllowNondistributableArtifactsCIDRs?: null
  readonly AllowNondistributableArtifactsHostnames?: null
}

export interface Runtime {
  readonly path?: string
  readonly runtimeArgs?: readonly string[]
  /** From 1.44 on. */
  readonly status?: Readonly<Record<string, string>>
}

export interface SwarmInfo {
  readonly NodeID: string
  readonly NodeAddr: string
  readonly LocalNodeState: string
  readonly ControlAvailable: boolean
  readonly Error: string
  readonly RemoteManagers: null
}

export interface Info {
  readonly ID: string
  readonly Containers: number
  readonly ContainersRunning: number
  readonly ContainersPaused: number
  readonly ContainersStopped: number
  readonly Images: number
  readonly Driver: string
  readonly DriverStatus: readonly (readonly [string, string])[]
  readonly Plugins: {
    readonly Volume: readonly string[]
    readonly Network: readonly string[]
    readonly Authorization: readonly string[] | null
    readonly Log: readonly string[]
  }
  readonly MemoryLimit: boolean
  readonly SwapLimit: boolean
  readonly KernelMemory?: boolean
  readonly KernelMemoryTCP?: boolean
  readonly CpuCfsPeriod: boolean
  readonly CpuCfsQuota: boolean
  readonly CPUShares: boolean
  readonly CPUSet: boolean
  readonly PidsLimit: boolean
  readonly IPv4Forwarding: boolean
  /** Before 1.50. */
  readonly BridgeNfIptables?: boolean
  readonly BridgeNfIp6tables?: boolean
  readonly Debug: boolean
  readonly NFd: number
  readonly OomKillDisable: boolean
  readonly NGoroutines: number
  readonly SystemTime: string
  readonly LoggingDriver: string
  readonly CgroupDriver: string
  readonly CgroupVersion?: string
  readonly NEventsListener: number
  readonly KernelVersion: string
  readonly OperatingSystem: string
  readonly OSVersion: string
  readonly OSType: string
  readonly Architecture: string
  readonly IndexServerAddress: string
  readonly RegistryConfig: RegistryConfig
  readonly NCPU: number
  readonly MemTotal: number
  readonly GenericResources: null
  readonly DockerRootDir: string
  readonly HttpProxy: string
  readonly HttpsProxy: string
  readonly NoProxy: string
  readonly Name: string
  readonly Labels: readonly string[]
  readonly ExperimentalBuild: boolean
  readonly ServerVersion: string
  readonly Runtimes: Readonly<Record<string, Runtime>>
  readonly DefaultRuntime: string
  readonly Swarm: SwarmInfo
  readonly LiveRestoreEnabled: boolean
  readonly Isolation: string
  readonly InitBinary: string
  readonly ContainerdCommit: Commit
  readonly RuncCommit: Commit
  readonly InitCommit: Commit
  readonly SecurityOptions: readonly string[]
  readonly DefaultAddressPools?: readonly { readonly Base: string; readonly Size: number }[]
  /** From 1.49 on. */
  readonly FirewallBackend?: { readonly Driver: string; readonly Info?: readonly (readonly [string, string])[] }
  readonly CDISpecDirs: readonly string[]
  readonly Warnings: readonly string[] | null
}

export interface DiskUsage {
  readonly LayersSize: number
  readonly Images: readonly ImageSummary[] | null
  readonly Containers: readonly ContainerSummary[] | null
  readonly Volumes: readonly Volume[] | null
  readonly BuildCache: readonly object[] | null
}
