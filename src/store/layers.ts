import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { failure, hasCode, type Log, syncFolder, throwIfAborted } from '../base/index.ts'
import { syncFilesystem } from '../kernel/index.ts'
import { type ChainId, chainIdOf, type Digest, MEDIA_TYPES } from '../oci/index.ts'
import type { Blobs, Layer, Layers, Trees } from './contract.ts'
import { linkLayer, linkPath } from './layer-links.ts'
import type { LayerRecord, LayerRecords } from './layer-records.ts'
import type { StorePaths } from './paths.ts'
import { createSharedWork } from './shared-work.ts'
import type { WorkerPool } from './worker/pool.ts'

/** The kernel takes no more lower folders in one overlay. */
const MAX_DEPTH = 500

export interface LayersOptions {
  readonly log: Log
  readonly paths: StorePaths
  readonly records: LayerRecords
  readonly blobs: Blobs
  readonly workers: WorkerPool
  readonly trees: Trees
  /** Layers that snapshots stand on. */
  readonly inUse: () => readonly ChainId[]
}

export function createLayers({ log, paths, records, blobs, workers, trees, inUse }: LayersOptions): Layers {
  const unpacking = createSharedWork<Layer>()

  function chain(chainId: ChainId): readonly LayerRecord[] {
    const layers: LayerRecord[] = []
    for (let next: ChainId | undefined = chainId; next !== undefined; next = layers.at(-1)?.parent) {
      const layer = records.get(next)
      if (!layer) throw failure('not-found', `no such layer: ${next}`)
      layers.push(layer)
    }
    return layers
  }

  function lowers(chainId: ChainId | undefined): readonly string[] {
    return chainId === undefined ? [] : chain(chainId).map((layer) => linkPath(paths, layer))
  }

  /** The folders below a layer that is to be made; `invalid` when the stack would be too high to be mounted. */
  function lowersOfNew(parent: ChainId | undefined): readonly string[] {
    const below = lowers(parent)
    if (below.length < MAX_DEPTH) return below
    throw failure('invalid', `max depth exceeded: an image has at most ${MAX_DEPTH} layers`)
  }

  const unpack: Layers['unpack'] = async (blob, { parent, diffId, signal }) => {
    const known = diffId === undefined ? undefined : records.get(chainIdOf(parent, diffId))
    if (known) return known
    const key = `${parent ?? ''} ${blob.digest} ${diffId ?? ''}`
    return unpacking.run(key, (shared) => unpackAside(blob, { parent, diffId, signal: shared }), { signal })
  }

  async function unpackAside(
    blob: { readonly digest: Digest; readonly mediaType: string },
    { parent, diffId, signal }: { parent: ChainId | undefined; diffId: Digest | undefined; signal: AbortSignal },
  ): Promise<Layer> {
    const below = lowersOfNew(parent)
    const path = blobs.path(blob.digest)
    const size = blobs.stat(blob.digest)?.size ?? 0
    return withAside(async (aside) => {
      const target = join(aside, 'diff')
      const found = await workers.run('unpack-layer', { blob: path, target, lowers: below }, { signal })
      if (found.blobDigest !== blob.digest) {
        throw failure('corrupt', `blob ${blob.digest} is damaged: its content has digest ${found.blobDigest}`)
      }
      if (diffId !== undefined && found.diffId !== diffId) {
        throw failure('corrupt', `layer ${blob.digest} has diff id ${found.diffId}, want ${diffId}`)
      }
      return commit(aside, {
        chainId: chainIdOf(parent, found.diffId),
        diffId: found.diffId,
        ...(parent !== undefined && { parent }),
        blob: { digest: blob.digest, size, mediaType: blob.mediaType },
        size: found.size,
      })
    }, signal)
  }

  const fromUpper: Layers['fromUpper'] = async (upper, { parent, signal }) => {
    lowersOfNew(parent)
    return withAside(async (aside) => {
      const packed = join(aside, 'blob')
      const found = await workers.run('pack-layer', { upper, blob: packed, target: join(aside, 'diff') }, { signal })
      renameSync(packed, paths.blob(found.digest))
      syncFolder(paths.blobs)
      return commit(aside, {
        chainId: chainIdOf(parent, found.digest),
        diffId: found.digest,
        ...(parent !== undefined && { parent }),
        blob: { digest: found.digest, size: found.blobSize, mediaType: MEDIA_TYPES.ociLayer },
        size: found.size,
      })
    }, signal)
  }

  /** Gives `work` a folder of its own with an empty `diff` in it, and deletes what is left of it afterwards. */
  async function withAside<T>(work: (aside: string) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    throwIfAborted(signal)
    const aside = paths.aside()
    mkdirSync(join(aside, 'diff'), { recursive: true, mode: 0o755 })
    try {
      return await work(aside)
    } finally {
      await trees.remove(aside)
    }
  }

  /** Makes an unpacked folder a layer: synced, renamed, recorded, in this order. */
  async function commit(aside: string, layer: Layer): Promise<Layer> {
    await syncFilesystem(aside)
    const known = records.get(layer.chainId)
    if (known) return known
    // From here on nothing waits, so nobody comes between.
    if (layer.parent !== undefined && !records.get(layer.parent)) {
      throw failure('not-found', `no such layer: ${layer.parent}`)
    }
    const target = paths.layer(layer.chainId)
    mkdirSync(target, { recursive: true, mode: 0o711 })
    const diff = join(target, 'diff')
    // What a crash between rename and record has left goes where everything aside is deleted.
    renameIfPresent(diff, join(aside, 'stale'))
    renameSync(join(aside, 'diff'), diff)
    syncFolder(target)
    syncFolder(paths.layers)
    const record = records.add(layer)
    linkLayer(paths, record)
    log.debug({ layer: layer.chainId, size: layer.size }, 'a new layer')
    return record
  }

  const sweep: Layers['sweep'] = async (keep) => {
    const kept = new Set<ChainId>()
    for (const chainId of [...keep, ...inUse()]) {
      for (let layer = records.get(chainId); layer && !kept.has(layer.chainId); ) {
        kept.add(layer.chainId)
        layer = layer.parent === undefined ? undefined : records.get(layer.parent)
      }
    }
    // Children have been recorded after their parents.
    const removed = [...records.list()].reverse().filter((layer) => !kept.has(layer.chainId))
    records.delete(removed.map((layer) => layer.chainId))
    const trash = removed.map((layer) => {
      rmSync(linkPath(paths, layer), { force: true })
      const aside = paths.aside()
      renameIfPresent(paths.layer(layer.chainId), aside)
      return aside
    })
    for (const aside of trash) await trees.remove(aside)
    return {
      removed: removed.map((layer) => layer.chainId),
      bytes: removed.reduce((total, layer) => total + layer.size, 0),
    }
  }

  return { get: (chainId) => records.get(chainId), chain, lowers, unpack, fromUpper, sweep }
}

function renameIfPresent(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}
