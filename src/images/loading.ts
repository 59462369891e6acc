import type { AbortOptions } from '../base/index.ts'
import {
  type ChainId,
  chainIdOf,
  type Digest,
  familiarName,
  hexOf,
  type ImageConfig,
  MEDIA_TYPES,
  type Platform,
  type Reference,
} from '../oci/index.ts'
import type { Store } from '../store/index.ts'
import { type ArchivedImage, findImages } from './archive/archived-image.ts'
import { readMembers } from './archive/members.ts'
import type { Image, Progress } from './contract.ts'
import type { Announcer } from './events.ts'
import { identifyLayer, type LayerContent } from './layer-content.ts'
import { progressLine } from './progress.ts'
import type { Records } from './records.ts'
import { encodeManifest, type Registration } from './registration.ts'

export interface LoadOptions extends AbortOptions {
  /** No progress of layers; what was loaded is told all the same. */
  readonly quiet?: boolean
  readonly platform?: Platform
}

interface Parts {
  readonly store: Store
  readonly records: Records
  readonly registration: Registration
  readonly announcer: Announcer
}

/**
 * Reads an archive to its end, then makes its images appear one after the other; a failure keeps those before it. What
 * the archive brought and no image names is garbage afterwards.
 */
export async function* loadImages(
  source: AsyncIterable<Uint8Array>,
  { parts, quiet = false, platform, signal }: LoadOptions & { readonly parts: Parts },
): AsyncGenerator<Progress, void, void> {
  const { store, records, registration, announcer } = parts
  using _lease = store.leases.hold()
  const members = await readMembers(source, { store, signal })
  const loaded: { readonly image: Image; readonly parent: string | undefined }[] = []
  for (const archived of findImages(members, platform)) {
    const layers = yield* loadLayers(archived, { store, quiet, signal })
    const notices = archived.tags.flatMap((tag) => noticeMoved(tag, { id: archived.configContent.digest, records }))
    const manifest = archived.manifest ?? putManifest(store, { config: archived.configContent, layers })
    const image = registration.record({ manifest: manifest.digest, mediaType: manifest.mediaType, tags: archived.tags })
    announcer.announce('load', image.id)
    loaded.push({ image, parent: archived.parent })
    yield* [...notices, ...describeLoaded(image, archived.tags)].map((stream) => ({ stream }))
  }
  for (const { image, parent } of loaded) {
    const found = loaded.find((other) => other.image.id === parent)?.image
    const record = records.get(image.id)
    if (found && record && isStepAfter(image.config, found.config)) records.put({ ...record, parent: found.id })
  }
}

async function* loadLayers(
  { config, layers }: ArchivedImage,
  { store, quiet, signal }: { readonly store: Store; readonly quiet: boolean } & AbortOptions,
): AsyncGenerator<Progress, readonly LayerContent[], void> {
  const contents: LayerContent[] = []
  let parent: ChainId | undefined
  for (const [index, diffId] of config.rootfs.diff_ids.entries()) {
    const layer = layers[index]
    if (!layer) throw new Error('an archived image has a layer for each diff id')
    const content = await identifyLayer(layer, { store, signal })
    contents.push(content)
    const chainId = chainIdOf(parent, diffId)
    if (!store.layers.get(chainId)) {
      const line = { status: 'Loading layer', id: hexOf(diffId).slice(0, 12), total: content.size }
      if (!quiet) yield progressLine({ ...line, current: 0 })
      await store.layers.unpack(content, { ...(parent && { parent }), diffId, signal })
      if (!quiet) yield progressLine({ ...line, current: content.size })
    }
    parent = chainId
  }
  return contents
}

function putManifest(
  store: Store,
  image: { readonly config: { digest: Digest; size: number }; readonly layers: readonly LayerContent[] },
): { readonly digest: Digest; readonly mediaType: string } {
  return { digest: store.blobs.put(encodeManifest(image)).digest, mediaType: MEDIA_TYPES.ociManifest }
}

function noticeMoved(
  tag: Reference,
  { id, records }: { readonly id: Digest; readonly records: Records },
): readonly string[] {
  const previous = records.named(tag)
  if (previous === undefined || previous === id) return []
  return [`The image ${familiarName(tag)} already exists, renaming the old one with ID ${previous} to empty string\n`]
}

function describeLoaded(image: Image, tags: readonly Reference[]): readonly string[] {
  if (tags.length === 0) return [`Loaded image ID: ${image.id}\n`]
  return tags.map((tag) => `Loaded image: ${familiarName(tag)}\n`)
}

/** Whether the image was made from the parent by one step, going by their histories. */
function isStepAfter(image: ImageConfig, parent: ImageConfig): boolean {
  const [steps, before] = [image.history ?? [], parent.history ?? []]
  return steps.length === before.length + 1 && JSON.stringify(steps.slice(0, -1)) === JSON.stringify(before)
}
