import { failure, parseTimestamp } from '../base/index.ts'
import type { HistoryEntry } from '../oci/index.ts'
import type { Store } from '../store/index.ts'
import type { Catalog } from './catalog.ts'
import type { Image, ImageId, Images } from './contract.ts'
import { type Records, tagsIn } from './records.ts'

type HistoryLine = ReturnType<Images['history']>[number]

/**
 * How an image was made, last step first. The first line bears the image's own id, the following ones those of its
 * parents on this engine, and `<missing>` where the step was done elsewhere. `corrupt` when the configuration tells of
 * more layers than there are.
 */
export function readHistory(
  reference: string,
  { catalog, records, store }: { readonly catalog: Catalog; readonly records: Records; readonly store: Store },
): readonly HistoryLine[] {
  const image = catalog.open(catalog.find(reference))
  const sizes = image.chainId === undefined ? [] : store.layers.chain(image.chainId).map((layer) => layer.size)
  const steps = withSizes(image.config.history ?? [], sizes.toReversed()).toReversed()
  const lineage = ancestors(image, records)
  return steps.map(({ entry, size }, index) => {
    const id = lineage[index]
    return {
      ...entry,
      id: id ?? '<missing>',
      size,
      tags: id === undefined ? [] : tagsIn(records.namesOf(id)),
      createdAt: parseTimestamp(entry.created ?? '') ?? 0n,
    }
  })
}

/** Hands the layers' sizes, bottom first, to the steps that made one. */
function withSizes(
  history: readonly HistoryEntry[],
  sizes: readonly number[],
): readonly { readonly entry: HistoryEntry; readonly size: number }[] {
  let layer = 0
  return history.map((entry) => {
    if (entry.empty_layer) return { entry, size: 0 }
    const size = sizes[layer++]
    if (size === undefined) throw failure('corrupt', 'too many non-empty layers in History section')
    return { entry, size }
  })
}

function ancestors(image: Image, records: Records): readonly ImageId[] {
  const lineage: ImageId[] = [image.id]
  for (let next = image.parent; next !== undefined && !lineage.includes(next); next = records.get(next)?.parent) {
    lineage.push(next)
  }
  return lineage
}
