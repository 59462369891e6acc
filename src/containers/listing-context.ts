import { isKind } from '../base/index.ts'
import type { ImageId } from '../images/index.ts'
import type { Container } from './contract.ts'
import type { Household } from './household.ts'
import { networkModeOf } from './network-mode.ts'

/** What the filters of a listing ask of other rooms. */
export function listingContext({ images, catalog }: Household): {
  resolveImage: (reference: string) => string | undefined
  isAncestor: (container: Container, imageId: string) => boolean
  networksOf: (container: Container) => readonly { readonly id: string; readonly name: string }[]
} {
  return {
    resolveImage(reference) {
      try {
        return images.resolve(reference).id
      } catch (error) {
        if (isKind(error, 'not-found') || isKind(error, 'invalid')) return undefined
        throw error
      }
    },
    isAncestor: ({ imageId }, ancestor) => lineage(images.get.bind(images), imageId).includes(ancestor as ImageId),
    networksOf(container) {
      const endpoints = container.network?.endpoints ?? []
      if (endpoints.length > 0)
        return endpoints.map(({ networkId, networkName }) => ({ id: networkId, name: networkName }))
      const record = catalog.get(container.id)?.record
      const mode = record ? networkModeOf(record) : 'none'
      return [{ id: '', name: mode === 'bridge' ? 'bridge' : mode }]
    },
  }
}

/** An image and its parents. */
function lineage(
  get: (id: ImageId) => { readonly parent: ImageId | undefined } | undefined,
  first: ImageId,
): readonly ImageId[] {
  const ids: ImageId[] = []
  for (let id: ImageId | undefined = first; id !== undefined && !ids.includes(id); id = get(id)?.parent) ids.push(id)
  return ids
}
