import { formatTimestamp, type Timestamp } from '../../../base/index.ts'
import type { Image, Images, RemovedImage } from '../../../images/index.ts'
import type { ExecutionConfig } from '../../../oci/index.ts'
import type {
  ContainerConfig,
  Descriptor,
  ImageConfig,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSummary,
  ManifestSummary,
} from '../../types/index.ts'
import { atLeast } from '../http/version.ts'
import { NEVER } from './container-state.ts'

export interface ImageSummaryOptions {
  readonly version: string
  /** Bytes of layers that other images have too; not counted unless given. */
  readonly shared?: number
  readonly containers?: number
  readonly manifests?: readonly ManifestSummary[]
}

/** One entry of `GET /images/json`. */
export function encodeImageSummary(image: Image, options: ImageSummaryOptions): ImageSummary {
  const { id, config, tags, repoDigests, size, created, parent } = image
  const { version, shared = -1, containers = -1, manifests } = options
  const nameless = tags.length === 0 && repoDigests.length === 0 && !atLeast(version, '1.43')
  return {
    Containers: containers,
    Created: unixSeconds(created),
    Id: id,
    Labels: config.config?.Labels ?? null,
    ParentId: parent ?? '',
    ...(atLeast(version, '1.48') && { Descriptor: encodeDescriptor(image) }),
    ...(manifests && { Manifests: manifests }),
    RepoDigests: nameless ? ['<none>@<none>'] : repoDigests,
    RepoTags: nameless ? ['<none>:<none>'] : tags,
    SharedSize: shared,
    Size: size,
    ...(!atLeast(version, '1.44') && { VirtualSize: size }),
  }
}

/** `GET /images/{name}/json`. `folders` are those of its layers, topmost first. */
export function encodeImageInspect(
  image: Image,
  options: {
    readonly version: string
    readonly folders: readonly string[]
    readonly manifests?: readonly ManifestSummary[] | undefined
  },
): ImageInspect {
  const { id, config, tags, repoDigests, size, created, parent, lastTagged } = image
  const { version, folders, manifests } = options
  const { variant, history = [] } = config
  return {
    Id: id,
    RepoTags: tags,
    RepoDigests: repoDigests,
    Parent: parent ?? '',
    Comment: config.comment || history.at(-1)?.comment || '',
    ...(config.created !== undefined
      ? { Created: formatTimestamp(created) }
      : !atLeast(version, '1.44') && { Created: NEVER }),
    ...(!atLeast(version, '1.45') && { ContainerConfig: encodeLegacyConfig({}) }),
    DockerVersion: '',
    Author: config.author ?? '',
    Config: atLeast(version, '1.50') ? encodeConfig(config.config ?? {}) : encodeLegacyConfig(config.config ?? {}),
    Architecture: config.architecture,
    ...(variant !== undefined && variant !== '' && { Variant: variant }),
    Os: config.os,
    ...(config['os.version'] !== undefined && { OsVersion: config['os.version'] }),
    Size: size,
    ...(!atLeast(version, '1.44') && { VirtualSize: size }),
    GraphDriver: { Name: 'overlay2', Data: describeFolders(folders) },
    RootFS: {
      Type: config.rootfs.type,
      ...(config.rootfs.diff_ids.length > 0 && { Layers: config.rootfs.diff_ids }),
    },
    Metadata: { LastTagTime: lastTagged === undefined ? NEVER : formatTimestamp(lastTagged) },
    ...(atLeast(version, '1.48') && { Descriptor: encodeDescriptor(image) }),
    ...(manifests && { Manifests: manifests }),
  }
}

/** The one manifest an image has here. `content` are the bytes of its blobs. */
export function encodeManifest(
  image: Image,
  options: { readonly content: number; readonly available: boolean; readonly containers: readonly string[] },
): ManifestSummary {
  const { content, available, containers } = options
  const platform = platformOf(image)
  return {
    ID: image.manifest.digest,
    Descriptor: { ...encodeDescriptor(image), platform },
    Available: available,
    Size: { Content: content, Total: content + image.size },
    Kind: 'image',
    ImageData: { Platform: platform, Size: { Unpacked: image.size }, Containers: containers },
  }
}

export function encodeHistory(items: ReturnType<Images['history']>): readonly ImageHistoryItem[] {
  return items.map(({ id, createdAt, created_by, tags, size, comment }) => ({
    Id: id,
    Created: unixSeconds(createdAt),
    CreatedBy: created_by ?? '',
    Tags: tags.length > 0 ? tags : null,
    Size: size,
    Comment: comment ?? '',
  }))
}

export function encodeRemoved(removed: readonly RemovedImage[]): readonly ImageDeleteItem[] {
  return removed.map(({ untagged, deleted }) => ({
    ...(untagged !== undefined && { Untagged: untagged }),
    ...(deleted !== undefined && { Deleted: deleted }),
  }))
}

function encodeDescriptor({ manifest }: Image): Descriptor {
  return { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size }
}

function platformOf({ config }: Image): NonNullable<Descriptor['platform']> {
  const { os, architecture, variant } = config
  return { architecture, os, ...(variant !== undefined && variant !== '' && { variant }) }
}

function describeFolders(folders: readonly string[]): Readonly<Record<string, string>> | null {
  const [upper, ...lowers] = folders
  if (upper === undefined) return null
  return { ...(lowers.length > 0 && { LowerDir: lowers.join(':') }), UpperDir: upper }
}

/** From 1.50 on: what is there and not empty. */
function encodeConfig(config: ExecutionConfig): ImageConfig {
  const isEmpty = (value: unknown): boolean =>
    value === null || value === '' || value === false || (typeof value === 'object' && Object.keys(value).length === 0)
  const { StopTimeout: _container, ...ofImage } = config
  return Object.fromEntries(Object.entries(ofImage).filter(([, value]) => value !== undefined && !isEmpty(value)))
}

/** Before 1.50 images had the fields of a container's configuration, all of them empty but these. */
function encodeLegacyConfig(config: ExecutionConfig): ContainerConfig {
  return {
    Hostname: '',
    Domainname: '',
    User: config.User ?? '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ...(config.ExposedPorts && { ExposedPorts: config.ExposedPorts }),
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: config.Env ?? null,
    Cmd: config.Cmd ?? null,
    ...(config.Healthcheck && { Healthcheck: config.Healthcheck }),
    Image: '',
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint ?? null,
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? null,
    ...(config.StopSignal && { StopSignal: config.StopSignal }),
    ...(config.Shell && { Shell: config.Shell }),
  }
}

function unixSeconds(time: Timestamp): number {
  return Number(time / 1_000_000_000n)
}
