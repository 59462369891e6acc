import { type AbortOptions, failure } from '../../base/index.ts'
import {
  CONFIG_LIMIT,
  type Digest,
  familiarName,
  formatPlatform,
  hostPlatform,
  type ImageConfig,
  isIndexType,
  type Manifest,
  MEDIA_TYPES,
  matchPlatform,
  type Platform,
  parseImageConfig,
  parseIndex,
  parseManifest,
  type Reference,
  selectManifest,
} from '../../oci/index.ts'
import type { RemoteManifest, Repository } from '../../registry/client/index.ts'
import type { Store } from '../../store/index.ts'
import type { Downloads } from './downloads.ts'

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig])
const LAYER_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociLayer,
  MEDIA_TYPES.ociLayerGzip,
  MEDIA_TYPES.ociLayerZstd,
  MEDIA_TYPES.dockerLayer,
  MEDIA_TYPES.dockerLayerGzip,
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
])

/** An image of a registry, checked as far as that goes without its layers. */
export interface RemoteImage {
  /** What the name stands for: the index, when there is one. */
  readonly digest: Digest
  readonly stored: { readonly digest: Digest; readonly mediaType: string }
  readonly manifest: Manifest
}

/**
 * Reads manifests down to that of the platform and stores it. `not-found` when an index has none for it; `invalid` for
 * what is no image for Linux with layers of its own.
 */
export async function openRemoteImage(
  repository: Repository,
  { target, platform = hostPlatform(), store, signal }: OpenOptions,
): Promise<RemoteImage> {
  const top = await repository.manifest(target, { signal })
  const found = isIndexType(top.mediaType) ? await choose(repository, { top, platform, signal }) : top
  const manifest = parseManifest(found.bytes)
  checkTypes(manifest)
  const { digest } = store.blobs.put(found.bytes)
  return { digest: top.digest, stored: { digest, mediaType: manifest.mediaType ?? found.mediaType }, manifest }
}

interface OpenOptions extends AbortOptions {
  readonly target: string
  readonly platform?: Platform | undefined
  readonly store: Store
}

async function choose(
  repository: Repository,
  { top, platform, signal }: { readonly top: RemoteManifest; readonly platform: Platform } & AbortOptions,
): Promise<RemoteManifest> {
  const { digest } = selectManifest(parseIndex(top.bytes), platform)
  const found = await repository.manifest(digest, { signal })
  if (isIndexType(found.mediaType)) throw failure('invalid', 'an index inside an index is not followed')
  return found
}

function checkTypes({ config, layers }: Manifest): void {
  if (!CONFIG_TYPES.has(config.mediaType)) {
    throw failure('invalid', `unsupported media type ${config.mediaType}: this is not a container image`)
  }
  if (config.size > CONFIG_LIMIT) {
    throw failure('invalid', `the image configuration has ${config.size} bytes, at most ${CONFIG_LIMIT} are accepted`)
  }
  for (const { mediaType } of layers) {
    if (LAYER_TYPES.has(mediaType)) continue
    const isForeign = /foreign|nondistributable/.test(mediaType)
    throw failure('invalid', isForeign ? 'foreign layers are not supported' : `unsupported layer type ${mediaType}`)
  }
}

/** Fetches the configuration and sees that it fits. */
export async function fetchConfig(
  { manifest }: RemoteImage,
  options: {
    readonly repository: Repository
    readonly downloads: Downloads
    readonly store: Store
    readonly reference: Reference
    readonly platform?: Platform | undefined
  } & AbortOptions,
): Promise<ImageConfig> {
  const { repository, downloads, store, reference, platform, signal } = options
  await downloads.fetch(manifest.config, { repository, signal })
  const config = parseImageConfig(store.blobs.read(manifest.config.digest, { limit: CONFIG_LIMIT }))
  const count = config.rootfs.diff_ids.length
  if (count !== manifest.layers.length) {
    const told = `expected ${manifest.layers.length}, got ${count}`
    throw failure('invalid', `invalid manifest, layers length mismatch: ${told}`)
  }
  if (config.os.toLowerCase() !== 'linux') {
    throw failure('invalid', `image operating system "${config.os}" cannot be used on this platform`)
  }
  if (platform && !matchPlatform(platform, config)) {
    const [is, wanted] = [formatPlatform(config), formatPlatform(platform)]
    throw failure(
      'not-found',
      `image with reference ${familiarName(reference)} was found but its platform (${is}) does not match the specified platform (${wanted})`,
    )
  }
  return config
}
