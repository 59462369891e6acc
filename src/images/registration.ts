import { type Clock, type Database, failure } from '../base/index.ts'
import {
  CONFIG_LIMIT,
  chainIdsOf,
  type Digest,
  type HistoryEntry,
  type ImageConfig,
  MANIFEST_LIMIT,
  type Manifest,
  MEDIA_TYPES,
  parseImageConfig,
  parseManifest,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../oci/index.ts'
import type { Layer, Store } from '../store/index.ts'
import type { Catalog } from './catalog.ts'
import type { Image, ImageId, Images } from './contract.ts'
import { assertUnambiguous, type ImageRecord, type Records } from './records.ts'

export interface Registration extends Pick<Images, 'register' | 'compose'> {
  /** As `register`, with names that were read before. */
  record(image: {
    readonly manifest: Digest
    readonly mediaType: string
    readonly tags: readonly Reference[]
    readonly parent?: ImageId | undefined
    readonly repoDigest?: Reference | undefined
  }): Image
}

export function createRegistration({
  db,
  records,
  catalog,
  store,
  clock,
}: {
  readonly db: Database
  readonly records: Records
  readonly catalog: Catalog
  readonly store: Store
  readonly clock: Clock
}): Registration {
  const record: Registration['record'] = ({ manifest, mediaType, tags, parent, repoDigest }) => {
    // Held although nothing here waits: a collector that is under way must not sweep what is recorded now.
    using _lease = store.leases.hold()
    const found = inspectContent(store, { digest: manifest, mediaType })
    return db.transaction(() => {
      const known = records.get(found.id)
      const kept = known && isWhole(store, known) ? known : undefined
      records.put({
        ...(kept ?? found),
        parent: parent ?? known?.parent,
        lastTagged: tags.length > 0 ? clock.now() : known?.lastTagged,
      })
      for (const reference of [...tags, ...(repoDigest ? [repoDigest] : [])]) {
        records.setName({ reference, image: found.id })
      }
      if (!kept) catalog.forget(found.id)
      return openRecorded(found.id)
    })
  }

  function openRecorded(id: ImageId): Image {
    const recorded = records.get(id)
    if (!recorded) throw new Error(`image ${id} was recorded and is not there`)
    return catalog.open(recorded)
  }

  return {
    record,
    register: ({ reference, repoDigest, ...image }) =>
      record({
        ...image,
        tags: reference === undefined ? [] : [parseTag(reference)],
        repoDigest: repoDigest === undefined ? undefined : parseReference(repoDigest),
      }),
    compose: ({ config, chainId, reference, parent }) => {
      const tags = reference === undefined ? [] : [parseTag(reference)]
      using _lease = store.leases.hold()
      const layers = chainId === undefined ? [] : store.layers.chain(chainId).toReversed()
      const stored = putConfig(store, completeConfig(config, layers))
      const manifest = store.blobs.put(encodeManifest({ config: stored, layers: layers.map(({ blob }) => blob) }))
      return record({ manifest: manifest.digest, mediaType: MEDIA_TYPES.ociManifest, tags, parent })
    },
  }
}

/** A name to give to an image: with `latest` when it says no tag, `invalid` with Docker's texts for a digest. */
export function parseTag(text: string): Reference {
  const reference = withDefaultTag(parseReference(text))
  if (reference.digest !== undefined) throw failure('invalid', 'refusing to create a tag with a digest reference')
  assertUnambiguous(reference)
  return reference
}

/** Reads the manifest and sees that all it names is there. */
function inspectContent(store: Store, named: { readonly digest: Digest; readonly mediaType: string }): ImageRecord {
  const bytes = store.blobs.read(named.digest, { limit: MANIFEST_LIMIT })
  const manifest = parseManifest(bytes)
  const config = parseImageConfig(store.blobs.read(manifest.config.digest, { limit: CONFIG_LIMIT }))
  const diffIds = config.rootfs.diff_ids
  if (manifest.layers.length !== diffIds.length) {
    throw failure(
      'invalid',
      `invalid manifest, layers length mismatch: expected ${manifest.layers.length}, got ${diffIds.length}`,
    )
  }
  assertPresent(store, manifest)
  const chain = chainIdsOf(diffIds)
  const missing = chain.find((chainId) => !store.layers.get(chainId))
  if (missing !== undefined) throw failure('not-found', `failed to get layer ${missing}: layer does not exist`)
  return {
    // The digest of a configuration is the id of its image: this is where it becomes one.
    id: manifest.config.digest as ImageId,
    manifest: { ...named, size: bytes.length },
    chainId: chain.at(-1),
    parent: undefined,
    lastTagged: undefined,
  }
}

function assertPresent(store: Store, manifest: Manifest): void {
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    const found = store.blobs.stat(digest)
    if (!found) throw failure('not-found', `content ${digest} of the image is missing`)
    if (found.size !== size) {
      throw failure('invalid', `content ${digest} has ${found.size} bytes, its manifest says ${size}`)
    }
  }
}

function isWhole(store: Store, { id, manifest }: ImageRecord): boolean {
  try {
    assertPresent(store, parseManifest(store.blobs.read(manifest.digest, { limit: MANIFEST_LIMIT })))
    store.blobs.read(id, { limit: CONFIG_LIMIT })
    return true
  } catch {
    return false
  }
}

function completeConfig(config: Omit<ImageConfig, 'rootfs'>, layers: readonly Layer[]): ImageConfig {
  const { created, author, architecture, variant, os, config: execution, history = [], ...rest } = config
  const told = history.filter((entry) => !entry.empty_layer).length
  if (told > layers.length) throw failure('invalid', 'too many non-empty layers in History section')
  const untold: HistoryEntry = created === undefined ? {} : { created }
  return {
    ...(created !== undefined && { created }),
    ...(author !== undefined && { author }),
    architecture,
    ...(variant !== undefined && { variant }),
    os,
    ...(execution !== undefined && { config: execution }),
    ...rest,
    // Behind the rest, because a configuration that was made from another image's has that one's layers in it.
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: [...history, ...Array.from({ length: layers.length - told }, () => untold)],
  }
}

/** Read back before it is kept: what cannot be read again must not become an image. */
function putConfig(store: Store, config: ImageConfig): { readonly digest: Digest; readonly size: number } {
  const bytes = Buffer.from(JSON.stringify(config))
  parseImageConfig(bytes)
  return store.blobs.put(bytes)
}

/** An OCI manifest over blobs as they lie in the store. */
export function encodeManifest({
  config,
  layers,
}: {
  readonly config: { readonly digest: Digest; readonly size: number }
  readonly layers: readonly Layer['blob'][]
}): Buffer {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  }
  return Buffer.from(JSON.stringify(manifest))
}
