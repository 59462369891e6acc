import { type AbortOptions, failure } from '../../base/index.ts'
import {
  type Descriptor,
  type Digest,
  familiarName,
  hexOf,
  MANIFEST_LIMIT,
  type Manifest,
  parseManifest,
  parseReference,
  type Reference,
} from '../../oci/index.ts'
import type { Credentials, Repository } from '../../registry/client/index.ts'
import type { Catalog } from '../catalog.ts'
import type { Image, Progress } from '../contract.ts'
import { progressLine } from '../progress.ts'
import { isTag } from '../records.ts'
import { createProgressQueue, type ProgressQueue } from './progress-queue.ts'
import type { TransferParts } from './pulling.ts'
import { createSlots, type Slots } from './slots.ts'

/** Uploads of one push at once, as Docker has it. */
const CONCURRENT = 5
const STEP = 1 << 19

export type PushParts = Omit<TransferParts, 'downloads'> & { readonly catalog: Catalog }

interface PushOptions extends AbortOptions {
  readonly parts: PushParts
  readonly credentials?: Credentials | undefined
}

/**
 * Sends the image behind a tag, or behind each tag of a repository when none is said, exactly as it lies in the store:
 * the digest of its manifest is the same on both sides. `not-found` with Docker's text when there is no such tag.
 */
export async function* pushImage(
  reference: Reference,
  { parts, credentials, signal }: PushOptions,
): AsyncGenerator<Progress, void, void> {
  const tags = selectTags(reference, parts)
  using _lease = parts.store.leases.hold()
  yield { status: `The push refers to repository [${reference.domain}/${reference.path}]` }
  const repository = await parts.registry.open(reference, { access: 'push', credentials, signal })
  for (const tag of tags) yield* pushTag(tag, { parts, repository, signal })
}

function selectTags(reference: Reference, { records }: PushParts): readonly Reference[] {
  if (reference.digest !== undefined) throw failure('invalid', 'cannot push a digest reference')
  if (reference.tag !== undefined) {
    if (records.named(reference)) return [reference]
    throw failure('not-found', `An image does not exist locally with the tag: ${reference.familiar}`)
  }
  const tags = records.namesIn(reference).filter((name) => isTag(name.reference))
  if (tags.length > 0) return tags.map((name) => name.reference)
  throw failure('not-found', `An image does not exist locally with the tag: ${reference.familiar}`)
}

async function* pushTag(
  reference: Reference,
  options: { readonly parts: PushParts; readonly repository: Repository } & AbortOptions,
): AsyncGenerator<Progress, void, void> {
  const { parts, repository } = options
  const { catalog, records, store, announcer } = parts
  const image = catalog.open(catalog.find(familiarName(reference)))
  const bytes = store.blobs.read(image.manifest.digest, { limit: MANIFEST_LIMIT })
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const queue = createProgressQueue()
  const work = pushContent(image, { manifest: parseManifest(bytes), reference, parts, repository, queue, signal })
  const pushed = work.finally(queue.end)
  // The reader may be slow: a failure waits for it in `pushed`.
  pushed.catch(() => undefined)
  try {
    yield* queue
  } finally {
    stop.abort()
    await pushed.catch(() => undefined)
  }
  await pushed
  const { digest, size, mediaType } = image.manifest
  const tag = reference.tag ?? 'latest'
  await repository.pushManifest(tag, { mediaType, bytes, signal: options.signal })
  const { tag: _tag, ...name } = reference
  records.setName({ reference: { ...name, digest }, image: image.id })
  const event = announcer.describe('push', image.id, reference)
  announcer.emit({
    ...event,
    id: familiarName(reference),
    attributes: { ...event.attributes, name: reference.familiar },
  })
  yield { status: `${tag}: digest: ${digest} size: ${size}` }
  yield { progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: size } }
}

interface ContentOptions extends AbortOptions {
  readonly manifest: Manifest
  readonly reference: Reference
  readonly parts: PushParts
  readonly repository: Repository
  readonly queue: ProgressQueue
}

async function pushContent(image: Image, options: ContentOptions): Promise<void> {
  const { manifest, reference, parts, queue } = options
  const layers = manifest.layers.map((blob, index) => ({
    blob,
    id: hexOf(image.config.rootfs.diff_ids[index] ?? blob.digest).slice(0, 12),
  }))
  // Docker shows the topmost layer first.
  for (const { id } of layers.toReversed()) queue.put({ status: 'Preparing', progressDetail: {}, id })
  const sources = findRepositories(reference, parts)
  const slots = createSlots(CONCURRENT)
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const unique = [...new Map(layers.map((layer) => [layer.blob.digest, layer])).values()]
  const works = unique.map((layer) => pushLayer(layer, { ...options, signal, slots, from: sources(layer.blob.digest) }))
  try {
    await Promise.all(works)
  } finally {
    stop.abort()
    await Promise.allSettled(works)
  }
  await pushBlob(manifest.config, options)
}

async function pushLayer(
  { blob, id }: { readonly blob: Descriptor; readonly id: string },
  options: ContentOptions & { readonly slots: Slots; readonly from: string | undefined },
): Promise<void> {
  const { queue, slots, from, signal } = options
  const tell = (status: string): void => queue.put({ status, progressDetail: {}, id })
  if (slots.isFull()) tell('Waiting')
  using _slot = await slots.take({ signal })
  let shown = 0
  const onProgress = (current: number): void => {
    if (current - shown < STEP && current !== blob.size && shown > 0) return
    shown = current
    queue.put(progressLine({ status: 'Pushing', id, current, total: blob.size }))
  }
  const how = await pushBlob(blob, { ...options, mountFrom: from, onProgress })
  tell(how === 'present' ? 'Layer already exists' : how === 'mounted' ? `Mounted from ${from}` : 'Pushed')
}

async function pushBlob(
  { digest, size }: { readonly digest: Digest; readonly size: number },
  options: {
    readonly repository: Repository
    readonly parts: PushParts
    readonly mountFrom?: string | undefined
    readonly onProgress?: (sent: number) => void
  } & AbortOptions,
): Promise<'present' | 'mounted' | 'pushed'> {
  const { repository, parts, mountFrom, onProgress, signal } = options
  if (await repository.hasBlob(digest, { signal })) return 'present'
  const open = (start: number): AsyncIterable<Uint8Array> => parts.store.blobs.open(digest, { start })
  return repository.pushBlob({ digest, size, open }, { mountFrom, ...(onProgress && { onProgress }), signal })
}

/** Says for a layer in which other repository of the same registry it is known to lie. */
function findRepositories(target: Reference, { catalog, store }: PushParts): (digest: Digest) => string | undefined {
  const places = new Map<Digest, string>()
  for (const { image } of catalog.openAll()) {
    const known = image.repoDigests.map(parseReference)
    const other = known.find(({ domain, path }) => domain === target.domain && path !== target.path)
    if (!other || !store.blobs.stat(image.manifest.digest)) continue
    const { layers } = parseManifest(store.blobs.read(image.manifest.digest, { limit: MANIFEST_LIMIT }))
    for (const { digest } of layers) places.set(digest, other.path)
  }
  return (digest) => places.get(digest)
}
