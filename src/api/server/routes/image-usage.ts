import { isKind } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import type { Image } from '../../../images/index.ts'
import type { ChainId } from '../../../oci/index.ts'
import type { Layer } from '../../../store/index.ts'
import type { ManifestSummary } from '../../types/index.ts'
import { encodeManifest } from '../wire/image.ts'

/** How images share layers. */
export interface LayerUsage {
  /** Bytes of all layers that images have, each counted once. */
  readonly total: number
  /** Bytes of an image's layers that other images have too. */
  sharedBy(image: Image): number
}

/** Counts over all images of the engine. */
export function countLayers({ images, store }: Pick<Engine, 'images' | 'store'>): LayerUsage {
  const layers = new Map<ChainId, { readonly size: number; uses: number }>()
  for (const image of images.list({ all: true })) {
    for (const { chainId, size } of layersOf(image, store)) {
      const known = layers.get(chainId)
      if (known) known.uses += 1
      else layers.set(chainId, { size, uses: 1 })
    }
  }
  return {
    total: layers.values().reduce((sum, { size }) => sum + size, 0),
    sharedBy: (image) =>
      layersOf(image, store)
        .filter(({ chainId }) => (layers.get(chainId)?.uses ?? 0) > 1)
        .reduce((sum, { size }) => sum + size, 0),
  }
}

/** The manifest of an image with what of it is here and which containers were made from it. */
export function summarizeManifest(
  image: Image,
  { store, containers }: Pick<Engine, 'store' | 'containers'>,
): ManifestSummary {
  const layers = layersOf(image, store)
  const blobs = [image.manifest.digest, image.id, ...layers.map(({ blob }) => blob.digest)]
  const found = blobs.map((digest) => store.blobs.stat(digest))
  return encodeManifest(image, {
    content: found.reduce((sum, blob) => sum + (blob?.size ?? 0), 0),
    available: layers.length === image.config.rootfs.diff_ids.length && found.every((blob) => blob !== undefined),
    containers: containers.usersOf(image.id).map(({ id }) => id),
  })
}

/** From the top down; none when one of them is missing, which others report. */
function layersOf({ chainId }: Image, { layers }: Engine['store']): readonly Layer[] {
  if (chainId === undefined) return []
  try {
    return layers.chain(chainId)
  } catch (error) {
    if (isKind(error, 'not-found')) return []
    throw error
  }
}
