import type { ContainerConfig, HealthConfig } from './container.ts'

export interface Platform {
  readonly architecture: string
  readonly os: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
  readonly variant?: string
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
}

export interface ManifestSummary {
  readonly ID: string
  readonly Descriptor: Descriptor
  /** All content is here. */
  readonly Available: boolean
  /** Bytes of the content, and of content and unpacked layers. */
  readonly Size: { readonly Content: number; readonly Total: number }
  readonly Kind: 'image' | 'attestation' | 'unknown'
  readonly ImageData?: {
    readonly Platform: Platform
    readonly Size: { readonly Unpacked: number }
    /** Ids of the containers made from it. */
    readonly Containers: readonly string[]
  }
}

export interface ImageSummary {
  /** -1: not counted. */
  readonly Containers: number
  readonly Created: number
  readonly Id: string
  readonly Labels: Readonly<Record<string, string>> | null
  readonly ParentId: string
  /** From 1.48 on. */
  readonly Descriptor?: Descriptor
  readonly Manifests?: readonly ManifestSummary[]
  readonly RepoDigests: readonly string[]
  readonly RepoTags: readonly string[]
  /** -1: not counted. */
  readonly SharedSize: number
  readonly Size: number
  /** Before 1.44. */
  readonly VirtualSize?: number
}

/** What containers of an image run by default, from 1.50 on without the fields of a container that it never had. */
export interface ImageConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Env?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Volumes?: Readonly<Record<string, object>> | null
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string
  readonly ArgsEscaped?: boolean
  readonly Healthcheck?: HealthConfig
  readonly OnBuild?: readonly string[] | null
  readonly Shell?: readonly string[]
}

export interface ImageInspect {
  readonly Id: string
  readonly RepoTags: readonly string[]
  readonly RepoDigests: readonly string[]
  readonly Parent: string
  readonly Comment: string
  readonly Created?: string
  /** Before 1.45. */
  readonly Container?: string
  readonly ContainerConfig?: ContainerConfig
  readonly DockerVersion: string
  readonly Author: string
  readonly Config: ImageConfig | ContainerConfig | null
  readonly Architecture: string
  readonly Variant?: string
  readonly Os: string
  readonly OsVersion?: string
  readonly Size: number
  /** Before 1.44. */
  readonly VirtualSize?: number
  readonly GraphDriver: DriverData
  readonly RootFS: { readonly Type: string; readonly Layers?: readonly string[] }
  readonly Metadata: { readonly LastTagTime: string }
  /** From 1.48 on. */
  readonly Descriptor?: Descriptor
  readonly Manifests?: readonly ManifestSummary[]
}

/** Where a storage driver keeps something. */
export interface DriverData {
  readonly Name: string
  readonly Data: Readonly<Record<string, string>> | null
}

export interface ImageHistoryItem {
  /** `<missing>` for layers that are no image here. */
  readonly Id: string
  readonly Created: number
  readonly CreatedBy: string
  readonly Tags: readonly string[] | null
  readonly Size: number
  readonly Comment: string
}

export interface ImageDeleteItem {
  readonly Untagged?: string
  readonly Deleted?: string
}

export interface ImagePruneReport {
  readonly ImagesDeleted: readonly ImageDeleteItem[] | null
  readonly SpaceReclaimed: number
}
