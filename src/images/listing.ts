import type { Timestamp } from '../base/index.ts'
import { createReferenceMatcher } from '../oci/index.ts'
import type { Catalog } from './catalog.ts'
import type { Image, ImageFilter } from './contract.ts'
import { hasLabels, lacksLabels } from './label-filter.ts'
import { digestsIn, type ImageName, tagsIn } from './records.ts'

/**
 * Newest first, as `docker images` filters them: each image only with the names that suit `references`, intermediate
 * images (no name, but children) only with `all`.
 */
export function listImages(catalog: Catalog, filter: ImageFilter): readonly Image[] {
  const entries = catalog.openAll()
  const parents = new Set(entries.map(({ image }) => image.parent))
  const suits = createFilter(catalog, filter)
  const matchers = filter.references?.map(createReferenceMatcher)
  const isWanted = ({ reference }: ImageName): boolean => !matchers || matchers.some((matches) => matches(reference))
  return entries
    .filter(({ image }) => suits(image) && !(filter.dangling && parents.has(image.id)))
    .map(({ image, names }) => withNames(image, names.filter(isWanted)))
    .filter((image) => isShown(image, { filter, isParent: parents.has(image.id) }))
    .toSorted(newestFirst)
}

function createFilter(catalog: Catalog, filter: ImageFilter): (image: Image) => boolean {
  const oldest = [...(filter.before ?? []).map((name) => createdAt(catalog, name)), ...optional(filter.until)]
  const newest = (filter.since ?? []).map((name) => createdAt(catalog, name))
  return ({ config, created }) => {
    const labels = config.config?.Labels ?? {}
    return (
      oldest.every((time) => created < time) &&
      newest.every((time) => created > time) &&
      hasLabels(labels, filter.labels ?? []) &&
      lacksLabels(labels, filter.notLabels ?? [])
    )
  }
}

function isShown(
  image: Image,
  { filter, isParent }: { readonly filter: ImageFilter; readonly isParent: boolean },
): boolean {
  if (image.tags.length > 0) return filter.dangling !== true
  if (image.repoDigests.length > 0) return true
  if (filter.references || filter.dangling === false) return false
  return filter.all === true || !isParent
}

function createdAt(catalog: Catalog, name: string): Timestamp {
  return catalog.open(catalog.find(name)).created
}

function withNames(image: Image, names: readonly ImageName[]): Image {
  return { ...image, tags: tagsIn(names), repoDigests: digestsIn(names) }
}

function newestFirst(one: Image, other: Image): number {
  if (one.created !== other.created) return one.created > other.created ? -1 : 1
  return one.id < other.id ? -1 : 1
}

function optional<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value]
}
