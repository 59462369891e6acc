import type { AbortOptions } from '../base/index.ts'
import { type Digest, MEDIA_TYPES } from '../oci/index.ts'
import { decompress, detectCompression, type Store } from '../store/index.ts'

/** Content of a layer that can stand in a manifest. */
export interface LayerContent {
  readonly digest: Digest
  readonly size: number
  readonly mediaType: string
}

/**
 * What kind of layer the content is, told by its first bytes. There is no layer type for bzip2 and xz: such content is
 * put into the store again, decompressed. Hold a lease.
 */
export async function identifyLayer(
  content: { readonly digest: Digest; readonly size: number },
  { store, signal }: { readonly store: Store } & AbortOptions,
): Promise<LayerContent> {
  const start = Buffer.concat(await Array.fromAsync(store.blobs.open(content.digest, { start: 0, end: 15 })))
  const compression = detectCompression(start)
  if (compression === 'none') return { ...content, mediaType: MEDIA_TYPES.ociLayer }
  if (compression === 'gzip') return { ...content, mediaType: MEDIA_TYPES.ociLayerGzip }
  if (compression === 'zstd') return { ...content, mediaType: MEDIA_TYPES.ociLayerZstd }
  const { stream } = await decompress(store.blobs.open(content.digest), { signal })
  return { ...(await store.blobs.ingest(stream, { signal })), mediaType: MEDIA_TYPES.ociLayer }
}
