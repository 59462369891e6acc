export interface Volume {
  readonly CreatedAt?: string
  readonly Driver: string
  readonly Labels: Readonly<Record<string, string>> | null
  readonly Mountpoint: string
  readonly Name: string
  readonly Options: Readonly<Record<string, string>> | null
  readonly Scope: string
  /** In `GET /system/df` alone; a size of -1 is not known. */
  readonly UsageData?: { readonly RefCount: number; readonly Size: number }
}

export interface VolumeList {
  readonly Volumes: readonly Volume[]
  readonly Warnings: readonly string[] | null
}

/** Body of `POST /volumes/create`. */
export interface VolumeCreateRequest {
  readonly Name?: string
  readonly Driver?: string
  readonly DriverOpts?: Readonly<Record<string, string>> | null
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly ClusterVolumeSpec?: object | null
}

export interface VolumePruneReport {
  readonly VolumesDeleted: readonly string[]
  readonly SpaceReclaimed: number
}
