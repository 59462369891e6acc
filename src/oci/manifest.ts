import { failure } from '../base/index.ts'
import { type Descriptor, descriptorShape, MEDIA_TYPES } from './descriptor.ts'
import { listOf, mapOf, objectOf, oneOf, readDocument, type Shape, text } from './json-shape.ts'

export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Index {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** Bytes of a manifest or index that are read at most: what registries accept as well. */
export const MANIFEST_LIMIT = 4 << 20

const common = {
  schemaVersion: oneOf(2),
  mediaType: text({ max: 256 }),
  artifactType: text({ max: 256 }),
  subject: descriptorShape,
  annotations: mapOf(text()),
}

/** Present in one kind of document only; in the other it would give the bytes two meanings (CVE-2021-41190). */
const absent: Shape<never> = (_value, { path, problems }) => {
  if (_value !== undefined && _value !== null) problems.push(`${path}: not allowed in this kind of document`)
  return undefined
}

const manifestShape = objectOf<Manifest & { manifests?: never; fsLayers?: never }>(
  { ...common, config: descriptorShape, layers: listOf(descriptorShape), manifests: absent, fsLayers: absent },
  ['schemaVersion', 'config', 'layers'],
)

const indexShape = objectOf<Index & { layers?: never; config?: never; fsLayers?: never }>(
  { ...common, manifests: listOf(descriptorShape), layers: absent, config: absent, fsLayers: absent },
  ['schemaVersion', 'manifests'],
)

/** Reads an image manifest, OCI's or Docker's. `invalid` with everything wrong in it. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const manifest = readDocument(bytes, { name: 'manifest', limit: MANIFEST_LIMIT, shape: manifestShape })
  if (manifest.mediaType !== undefined && !isManifestType(manifest.mediaType)) throw wrongType('manifest', manifest)
  return manifest
}

/** Reads an image index or Docker's manifest list. `invalid` with everything wrong in it. */
export function parseIndex(bytes: Uint8Array): Index {
  const index = readDocument(bytes, { name: 'index', limit: MANIFEST_LIMIT, shape: indexShape })
  if (index.mediaType !== undefined && !isIndexType(index.mediaType)) throw wrongType('index', index)
  return index
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociManifest || mediaType === MEDIA_TYPES.dockerManifest
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerIndex
}

function wrongType(name: string, document: { readonly mediaType?: string }): Error {
  return failure('invalid', `invalid ${name}: mediaType: ${JSON.stringify(document.mediaType)} is not one`)
}
