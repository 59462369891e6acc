import type { Digest } from './digest.ts'
import { digestText, integer, listOf, mapOf, objectOf, type Shape, text } from './json-shape.ts'
import type { Platform } from './platform.ts'

export const MEDIA_TYPES = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const

/** A pointer to content: what it is, its digest and its exact size in bytes. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly urls?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  readonly artifactType?: string
}

const platformShape: Shape<Platform> = objectOf<Platform>(
  {
    os: text({ max: 256 }),
    architecture: text({ max: 256 }),
    variant: text({ max: 256 }),
    'os.version': text({ max: 256 }),
    'os.features': listOf(text({ max: 256 }), 256),
  },
  ['os', 'architecture'],
)

export const descriptorShape: Shape<Descriptor> = objectOf<Descriptor>(
  {
    mediaType: text({ max: 256 }),
    digest: digestText,
    size: integer(0),
    urls: listOf(text({ max: 8192 }), 100),
    annotations: mapOf(text()),
    platform: platformShape,
    artifactType: text({ max: 256 }),
  },
  ['mediaType', 'digest', 'size'],
)
