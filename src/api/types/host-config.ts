export interface PortBinding {
  readonly HostIp: string
  readonly HostPort: string
}

/** Keyed `80/tcp`; null: exposed and not published. */
export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>

export interface RestartPolicy {
  readonly Name: string
  readonly MaximumRetryCount: number
}

export interface DeviceMapping {
  readonly PathOnHost: string
  readonly PathInContainer: string
  readonly CgroupPermissions: string
}

export interface DeviceRequest {
  readonly Driver: string
  readonly Count: number
  readonly DeviceIDs: readonly string[] | null
  readonly Capabilities: readonly (readonly string[])[] | null
  readonly Options: Readonly<Record<string, string>> | null
}

export interface ThrottleDevice {
  readonly Path: string
  readonly Rate: number
}

export interface WeightDevice {
  readonly Path: string
  readonly Weight: number
}

export interface Ulimit {
  readonly Name: string
  readonly Hard: number
  readonly Soft: number
}

export interface Mount {
  readonly Type?: string
  readonly Source?: string
  readonly Target?: string
  readonly ReadOnly?: boolean
  readonly Consistency?: string
  readonly BindOptions?: {
    readonly Propagation?: string
    readonly NonRecursive?: boolean
    readonly CreateMountpoint?: boolean
    readonly ReadOnlyNonRecursive?: boolean
    readonly ReadOnlyForceRecursive?: boolean
  }
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean
    readonly Labels?: Readonly<Record<string, string>>
    readonly Subpath?: string
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> }
  }
  readonly ImageOptions?: { readonly Subpath?: string }
  readonly TmpfsOptions?: {
    readonly SizeBytes?: number
    readonly Mode?: number
    readonly Options?: readonly (readonly string[])[]
  }
}

/** Limits of a container: part of HostConfig, and of the body of `update`. */
export interface Resources {
  readonly CpuShares: number
  readonly Memory: number
  readonly NanoCpus: number
  readonly CgroupParent: string
  readonly BlkioWeight: number
  readonly BlkioWeightDevice: readonly WeightDevice[] | null
  readonly BlkioDeviceReadBps: readonly ThrottleDevice[] | null
  readonly BlkioDeviceWriteBps: readonly ThrottleDevice[] | null
  readonly BlkioDeviceReadIOps: readonly ThrottleDevice[] | null
  readonly BlkioDeviceWriteIOps: readonly ThrottleDevice[] | null
  readonly CpuPeriod: number
  readonly CpuQuota: number
  readonly CpuRealtimePeriod: number
  readonly CpuRealtimeRuntime: number
  readonly CpusetCpus: string
  readonly CpusetMems: string
  readonly Devices: readonly DeviceMapping[] | null
  readonly DeviceCgroupRules: readonly string[] | null
  readonly DeviceRequests: readonly DeviceRequest[] | null
  readonly MemoryReservation: number
  readonly MemorySwap: number
  readonly MemorySwappiness: number | null
  readonly OomKillDisable: boolean | null
  readonly PidsLimit: number | null
  readonly Ulimits: readonly Ulimit[] | null
  readonly CpuCount: number
  readonly CpuPercent: number
  readonly IOMaximumIOps: number
  readonly IOMaximumBandwidth: number
}

/** How a container runs on its host, as inspect shows it. */
export interface HostConfig extends Resources {
  readonly Binds: readonly string[] | null
  readonly ContainerIDFile: string
  readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> }
  readonly NetworkMode: string
  readonly PortBindings: PortMap
  readonly RestartPolicy: RestartPolicy
  readonly AutoRemove: boolean
  readonly VolumeDriver: string
  readonly VolumesFrom: readonly string[] | null
  /** Height and width. */
  readonly ConsoleSize: readonly [number, number]
  readonly Annotations?: Readonly<Record<string, string>>
  readonly CapAdd: readonly string[] | null
  readonly CapDrop: readonly string[] | null
  readonly CgroupnsMode: string
  readonly Dns: readonly string[]
  readonly DnsOptions: readonly string[]
  readonly DnsSearch: readonly string[]
  readonly ExtraHosts: readonly string[] | null
  readonly GroupAdd: readonly string[] | null
  readonly IpcMode: string
  readonly Cgroup: string
  readonly Links: readonly string[] | null
  readonly OomScoreAdj: number
  readonly PidMode: string
  readonly Privileged: boolean
  readonly PublishAllPorts: boolean
  readonly ReadonlyRootfs: boolean
  readonly SecurityOpt: readonly string[] | null
  readonly StorageOpt?: Readonly<Record<string, string>>
  readonly Tmpfs?: Readonly<Record<string, string>>
  readonly UTSMode: string
  readonly UsernsMode: string
  readonly ShmSize: number
  readonly Sysctls?: Readonly<Record<string, string>>
  readonly Runtime: string
  readonly Isolation: string
  readonly Mounts?: readonly Mount[]
  readonly MaskedPaths: readonly string[] | null
  readonly ReadonlyPaths: readonly string[] | null
  readonly Init?: boolean
}
