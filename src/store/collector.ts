import { isKind } from '../base/index.ts'
import { type ChainId, chainIdsOf, type Digest, isDigest, MANIFEST_LIMIT } from '../oci/index.ts'
import type { Blobs, Layers, Store } from './contract.ts'
import type { LayerRecords } from './layer-records.ts'
import type { LeaseCounter } from './leases.ts'

export interface CollectorOptions {
  readonly blobs: Blobs
  readonly layers: Layers
  readonly records: LayerRecords
  readonly leases: LeaseCounter
  readonly inUse: () => readonly ChainId[]
}

/** Marks from the roots through manifests, indexes, configurations and layers; sweeps the rest. */
export function createCollector({ blobs, layers, records, leases, inUse }: CollectorOptions): Store['collect'] {
  return async (roots) => {
    if (leases.isHeld()) return { bytes: 0, blobs: [], layers: [] }
    // Up to the end of the blobs nothing waits: what is made meanwhile would be swept unmarked.
    const marked = markBlobs(blobs, roots.blobs)
    const chains = new Set<ChainId>([...roots.chains, ...marked.chains, ...inUse()])
    for (const chainId of chains) {
      for (let layer = records.get(chainId); layer; layer = layer.parent && records.get(layer.parent)) {
        marked.blobs.add(layer.blob.digest)
      }
    }
    const removed = blobs.list().filter((digest) => !marked.blobs.has(digest))
    let bytes = 0
    for (const digest of removed) {
      bytes += blobs.stat(digest)?.size ?? 0
      blobs.delete(digest)
    }
    const swept = await layers.sweep(chains)
    return { bytes: bytes + swept.bytes, blobs: removed, layers: swept.removed }
  }
}

function markBlobs(blobs: Blobs, roots: ReadonlySet<Digest>): { blobs: Set<Digest>; chains: readonly ChainId[] } {
  const marked = new Set<Digest>(roots)
  const chains: ChainId[] = []
  const waiting = [...roots]
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    const document = readDocument(blobs, digest)
    for (const found of digestsIn(document)) {
      if (marked.has(found)) continue
      marked.add(found)
      waiting.push(found)
    }
    chains.push(...chainsIn(document))
  }
  return { blobs: marked, chains }
}

/** The JSON in a blob; undefined for content of any other sort. Damaged documents still say what they can. */
function readDocument(blobs: Blobs, digest: Digest): unknown {
  const size = blobs.stat(digest)?.size
  if (size === undefined || size > 2 * MANIFEST_LIMIT) return undefined
  try {
    const content = blobs.read(digest)
    return content[0] === 0x7b ? JSON.parse(content.toString('utf8')) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || isKind(error, 'corrupt') || isKind(error, 'not-found')) return undefined
    throw error
  }
}

/** Every digest that stands where a descriptor has it, however deep: rather too many are kept than one too few. */
function digestsIn(document: unknown): readonly Digest[] {
  const found: Digest[] = []
  const waiting: unknown[] = [document]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (key === 'digest' && typeof child === 'string' && isDigest(child)) found.push(child)
      else waiting.push(child)
    }
  }
  return found
}

/** The chain ids of all layers of an image configuration. */
function chainsIn(document: unknown): readonly ChainId[] {
  const rootfs = property(document, 'rootfs')
  const diffIds = property(rootfs, 'diff_ids')
  if (!Array.isArray(diffIds) || !diffIds.every((one) => typeof one === 'string' && isDigest(one))) return []
  return chainIdsOf(diffIds)
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
