import { type AbortOptions, failure, isKind } from '../../base/index.ts'
import type { Digest } from '../../oci/index.ts'
import type { Repository } from '../../registry/client/index.ts'
import { createSharedWork, type Store } from '../../store/index.ts'
import { createSlots } from './slots.ts'

/** Downloads of all pulls together, as many as Docker has at once. */
const CONCURRENT = 3

export interface Watcher {
  readonly onWaiting?: () => void
  /** All bytes so far; `size` when the content is being checked. */
  readonly onBytes?: (received: number) => void
}

/** Brings blobs into the store, each once however many want it at the same time. Hold a lease. */
export interface Downloads {
  /** `corrupt` when the registry sends other content than the digest says; nothing is kept then. */
  fetch(
    blob: { readonly digest: Digest; readonly size: number },
    options: { readonly repository: Repository; readonly watcher?: Watcher } & AbortOptions,
  ): Promise<void>
}

export function createDownloads(store: Store): Downloads {
  const shared = createSharedWork<void>()
  const slots = createSlots(CONCURRENT)
  const watchers = new Map<Digest, Set<Watcher>>()

  const fetch: Downloads['fetch'] = async (blob, { repository, watcher = {}, signal }) => {
    if (store.blobs.stat(blob.digest)?.size === blob.size) return
    const watching = watchers.get(blob.digest) ?? new Set()
    watchers.set(blob.digest, watching.add(watcher))
    if (slots.isFull()) watcher.onWaiting?.()
    try {
      await shared.run(blob.digest, (all) => download(blob, { repository, signal: all }), { signal })
    } finally {
      watching.delete(watcher)
      if (watching.size === 0 && watchers.get(blob.digest) === watching) watchers.delete(blob.digest)
    }
  }

  async function download(
    blob: { readonly digest: Digest; readonly size: number },
    { repository, signal }: { readonly repository: Repository } & AbortOptions,
  ): Promise<void> {
    const { digest, size } = blob
    using _slot = await slots.take({ signal })
    async function* counted(): AsyncGenerator<Uint8Array, void, void> {
      let received = 0
      for await (const bytes of repository.blob(blob, { signal })) {
        received += bytes.length
        for (const watcher of watchers.get(digest) ?? []) watcher.onBytes?.(received)
        yield bytes
      }
    }
    try {
      await store.blobs.ingest(counted(), { digest, size, signal })
    } catch (cause) {
      if (!isKind(cause, 'corrupt')) throw cause
      throw failure('corrupt', `filesystem layer verification failed for digest ${digest}`, { cause })
    }
  }
  return { fetch }
}
