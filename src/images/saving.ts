import { addAbortSignal, type Readable } from 'node:stream'
import { type AbortOptions, failure } from '../base/index.ts'
import {
  formatPlatform,
  formatReference,
  isDigest,
  MANIFEST_LIMIT,
  matchPlatform,
  type Platform,
  parseManifest,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../oci/index.ts'
import type { Store } from '../store/index.ts'
import { type SavedImage, writeArchive } from './archive/saved-archive.ts'
import type { Catalog } from './catalog.ts'
import type { Image } from './contract.ts'
import type { Announcer } from './events.ts'
import { type ImageRecord, isTag, type Records } from './records.ts'

interface Parts {
  readonly catalog: Catalog
  readonly records: Records
  readonly store: Store
  readonly announcer: Announcer
}

/**
 * Names become images before anything is written: `not-found` and `invalid` are thrown at once. A repository without a
 * tag stands for all its tags. The content is kept from the collector until the stream closes.
 */
export function saveImages(
  references: readonly string[],
  { parts, platform, signal }: { readonly parts: Parts; readonly platform?: Platform | undefined } & AbortOptions,
): Readable {
  const { catalog, store, announcer } = parts
  const selected = select(references, parts).map(({ record, tags }) => ({ image: catalog.open(record), tags }))
  const foreign = platform && selected.find(({ image }) => !matchPlatform(platform, image.config))
  if (platform && foreign) {
    throw failure('not-found', `no suitable export target found for platform ${formatPlatform(platform)}`)
  }
  const ids = new Set(selected.map(({ image }) => image.id))
  const images = selected.map(({ image, tags }): SavedImage => {
    const parent = image.parent !== undefined && ids.has(image.parent) ? image.parent : undefined
    return { ...readManifest(store, image), diffIds: image.config.rootfs.diff_ids, tags, parent }
  })
  const lease = store.leases.hold()
  const stream = writeArchive(images, {
    store,
    onEnd: () => {
      for (const id of ids) announcer.announce('save', id)
    },
  })
  stream.once('close', () => lease[Symbol.dispose]())
  return signal ? addAbortSignal(signal, stream) : stream
}

interface Selected {
  readonly record: ImageRecord
  readonly tags: readonly Reference[]
}

/** Each image once, in the order asked for, with the tags by which it was asked for. */
function select(references: readonly string[], parts: Parts): readonly Selected[] {
  const found = references.flatMap((text) => lookUp(text, parts))
  const records = new Map(found.map(({ record }) => [record.id, record]))
  return [...records.values()].map((record) => {
    const own = found.filter((entry) => entry.record.id === record.id).flatMap(({ tags }) => tags)
    return { record, tags: [...new Map(own.map((tag) => [formatReference(tag), tag])).values()] }
  })
}

function lookUp(text: string, { catalog, records }: Parts): readonly Selected[] {
  if (isDigest(text) || isDigest(`sha256:${text}`)) return [{ record: catalog.find(text), tags: [] }]
  const reference = parseReference(text)
  const isNameOnly = reference.tag === undefined && reference.digest === undefined
  const all = isNameOnly ? records.namesIn(reference).filter((name) => isTag(name.reference)) : []
  if (all.length > 0) {
    return all.map((name) => ({ record: catalog.find(name.image), tags: [name.reference] }))
  }
  const isNamed = isTag(reference) && records.named(withDefaultTag(reference)) !== undefined
  return [{ record: catalog.find(text), tags: isNamed ? [reference] : [] }]
}

function readManifest(store: Store, { manifest }: Image): Pick<SavedImage, 'descriptor' | 'manifest'> {
  const bytes = store.blobs.read(manifest.digest, { limit: MANIFEST_LIMIT })
  return { descriptor: manifest, manifest: parseManifest(bytes) }
}
