import type { Catalog } from './catalog.ts'
import type { Images } from './contract.ts'
import { hasLabels, lacksLabels } from './label-filter.ts'
import type { RemovalStep, Remover } from './removal.ts'

/**
 * Removes the images that no container uses: those without a tag, or all of them. Younger ones go first, so that a parent
 * goes with its last child.
 */
export function pruneImages(
  filter: Parameters<Images['prune']>[0],
  { catalog, remover }: { readonly catalog: Catalog; readonly remover: Remover },
): readonly RemovalStep[] {
  const { dangling, until, labels = [], notLabels = [] } = filter
  const candidates = catalog
    .openAll()
    .map(({ image }) => image)
    .filter((image) => {
      const own = image.config.config?.Labels ?? {}
      if (dangling && image.tags.length > 0) return false
      if (until !== undefined && image.created > until) return false
      return hasLabels(own, labels) && lacksLabels(own, notLabels)
    })
    .toSorted((one, other) => (one.created > other.created ? -1 : 1))
  return candidates.flatMap(({ id }) => remover.removeUnused(id))
}
