import { type AbortOptions, throwIfAborted } from '../../base/index.ts'
import {
  type ChainId,
  chainIdOf,
  type Descriptor,
  type Digest,
  familiarName,
  hexOf,
  type ImageConfig,
  type Platform,
  type Reference,
} from '../../oci/index.ts'
import type { Credentials, RegistryClient, Repository } from '../../registry/client/index.ts'
import type { Store } from '../../store/index.ts'
import type { ImageId, Progress } from '../contract.ts'
import type { Announcer } from '../events.ts'
import { progressLine } from '../progress.ts'
import type { Records } from '../records.ts'
import type { Registration } from '../registration.ts'
import type { Downloads } from './downloads.ts'
import { createProgressQueue, type ProgressQueue } from './progress-queue.ts'
import { fetchConfig, openRemoteImage, type RemoteImage } from './remote-image.ts'

/** Bytes between two figures of one layer. */
const STEP = 1 << 19

export interface TransferParts {
  readonly store: Store
  readonly records: Records
  readonly registration: Registration
  readonly announcer: Announcer
  readonly registry: RegistryClient
  readonly downloads: Downloads
}

interface PullOptions extends AbortOptions {
  readonly parts: TransferParts
  readonly platform?: Platform | undefined
  readonly credentials?: Credentials | undefined
}

/**
 * Brings one image here; its record appears at the end, in one transaction. What a pull that fails or is left has
 * completed stays in the store until the collector comes, so that the next one goes on from there.
 */
export async function* pullImage(
  reference: Reference,
  { parts, platform, credentials, signal }: PullOptions,
): AsyncGenerator<Progress, void, void> {
  using _lease = parts.store.leases.hold()
  const repository = await parts.registry.open(reference, { access: 'pull', credentials, signal })
  const options = { parts, repository, platform, signal }
  yield* pullTarget(reference, { ...options, name: familiarName(reference) })
}

/** All tags of a repository, one after the other. */
export async function* pullAllTags(
  name: Reference,
  { parts, platform, credentials, signal }: PullOptions,
): AsyncGenerator<Progress, void, void> {
  using _lease = parts.store.leases.hold()
  const repository = await parts.registry.open(name, { access: 'pull', credentials, signal })
  for (const tag of await repository.tags({ signal })) {
    yield* pullTarget({ ...name, tag }, { parts, repository, platform, signal, name: name.familiar })
  }
}

async function* pullTarget(
  reference: Reference,
  options: Omit<PullOptions, 'credentials'> & { readonly repository: Repository; readonly name: string },
): AsyncGenerator<Progress, void, void> {
  const { parts, repository, platform, name } = options
  const target = reference.digest ?? reference.tag ?? 'latest'
  using stop = withStop(options.signal)
  const { signal } = stop
  const remote = await openRemoteImage(repository, { target, platform, store: parts.store, signal })
  yield { status: `Pulling from ${reference.path}`, id: target }
  const queue = createProgressQueue()
  const before = parts.records.named(reference)
  const pulled = pullContent(remote, { parts, repository, reference, platform, queue, signal }).finally(queue.end)
  // The reader may be slow: a failure waits for it in `pulled`.
  pulled.catch(() => undefined)
  try {
    yield* queue
  } finally {
    stop.fire()
    await pulled.catch(() => undefined)
  }
  await pulled
  const { id, isNew } = record(remote, { reference, before, parts })
  yield { status: `Digest: ${remote.digest}` }
  yield { status: `Status: ${isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${name}` }
  const event = parts.announcer.describe('pull', id, reference)
  const attributes = { ...event.attributes, name: reference.familiar }
  parts.announcer.emit({ ...event, id: familiarName(reference), attributes })
}

function record(
  { digest, stored }: RemoteImage,
  { reference, before, parts }: { reference: Reference; before: ImageId | undefined; parts: TransferParts },
): { readonly id: ImageId; readonly isNew: boolean } {
  const { tag: _tag, digest: _digest, ...repository } = reference
  const tags = reference.digest === undefined ? [reference] : []
  const { id } = parts.registration.record({
    manifest: stored.digest,
    mediaType: stored.mediaType,
    tags,
    repoDigest: { ...repository, digest },
  })
  return { id, isNew: before !== id }
}

interface ContentOptions extends AbortOptions {
  readonly parts: TransferParts
  readonly repository: Repository
  readonly reference: Reference
  readonly platform: Platform | undefined
  readonly queue: ProgressQueue
}

async function pullContent(remote: RemoteImage, options: ContentOptions): Promise<void> {
  const { parts, repository, queue, signal } = options
  const config = await fetchConfig(remote, { ...options, ...parts })
  const layers = planLayers(remote, { config, store: parts.store })
  for (const { id, isPresent } of layers)
    queue.put({ status: isPresent ? 'Already exists' : 'Pulling fs layer', ...none(id) })
  const wanted = layers.filter(({ isPresent }) => !isPresent)
  using stop = withStop(signal)
  const inner = { parts, repository, queue, signal: stop.signal }
  const fetched = wanted.map((layer) => fetchLayer(layer, inner))
  try {
    for (const [index, layer] of wanted.entries()) {
      await Promise.race([fetched[index], firstFailure(fetched)])
      await extractLayer(layer, inner)
    }
  } finally {
    stop.fire()
    await Promise.allSettled(fetched)
  }
  throwIfAborted(signal)
}

interface PlannedLayer {
  /** As progress shows it. */
  readonly id: string
  readonly blob: Descriptor
  readonly diffId: Digest
  readonly parent: ChainId | undefined
  readonly isPresent: boolean
}

function planLayers(
  { manifest }: RemoteImage,
  { config, store }: { readonly config: ImageConfig; readonly store: Store },
): readonly PlannedLayer[] {
  let parent: ChainId | undefined
  return manifest.layers.flatMap((blob, index) => {
    const diffId = config.rootfs.diff_ids[index]
    if (diffId === undefined) return []
    const chainId = chainIdOf(parent, diffId)
    const isPresent = store.layers.get(chainId) !== undefined && store.blobs.stat(blob.digest)?.size === blob.size
    const layer = { id: hexOf(blob.digest).slice(0, 12), blob, diffId, parent, isPresent }
    parent = chainId
    return [layer]
  })
}

type LayerOptions = Omit<ContentOptions, 'reference' | 'platform'>

async function fetchLayer(
  { id, blob }: PlannedLayer,
  { parts, repository, queue, signal }: LayerOptions,
): Promise<void> {
  let shown = 0
  const watcher = {
    onWaiting: () => queue.put({ status: 'Waiting', ...none(id) }),
    onBytes(received: number) {
      if (received - shown >= STEP || (shown === 0 && received > 0)) {
        shown = received
        queue.put(progressLine({ status: 'Downloading', id, current: received, total: blob.size }))
      }
      if (received === blob.size) queue.put({ status: 'Verifying Checksum', ...none(id) })
    },
  }
  await parts.downloads.fetch(blob, { repository, watcher, signal })
  queue.put({ status: 'Download complete', ...none(id) })
}

async function extractLayer(
  { id, blob, diffId, parent }: PlannedLayer,
  { parts, queue, signal }: LayerOptions,
): Promise<void> {
  const line = { status: 'Extracting', id, total: blob.size }
  queue.put(progressLine({ ...line, current: Math.min(blob.size, 1) }))
  await parts.store.layers.unpack(blob, { ...(parent && { parent }), diffId, signal })
  queue.put(progressLine({ ...line, current: blob.size }))
  queue.put({ status: 'Pull complete', ...none(id) })
}

function none(id: string): Pick<Progress, 'id' | 'progressDetail'> {
  return { progressDetail: {}, id }
}

/** Rejects with the first failure of any; never resolves. */
function firstFailure(works: readonly Promise<void>[]): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  for (const work of works) work.catch(reject)
  return promise
}

/** A signal that fires with the outer one or when the work is left. */
function withStop(outer: AbortSignal | undefined) {
  const controller = new AbortController()
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  const fire = (): void => controller.abort()
  return { signal, fire, [Symbol.dispose]: fire }
}
