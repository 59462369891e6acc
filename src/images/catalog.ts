import { failure, isKind, type Log, messageOf, parseTimestamp } from '../base/index.ts'
import {
  CONFIG_LIMIT,
  type Digest,
  familiarName,
  type ImageConfig,
  isDigest,
  parseImageConfig,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../oci/index.ts'
import type { Store } from '../store/index.ts'
import type { Image, ImageId } from './contract.ts'
import { digestsIn, type ImageName, type ImageRecord, type Records, tagsIn } from './records.ts'

/** Reads images: from what people write to the record, and from the record to everything known about the image. */
export interface Catalog {
  /** `invalid` when it cannot be a reference, `not-found` with Docker's text when no image is meant by it. */
  find(reference: string): ImageRecord
  /** `corrupt` when the configuration is missing or damaged. */
  open(record: ImageRecord, names?: readonly ImageName[]): Image
  /** All images with their names; those whose configuration is damaged are left out and logged. */
  openAll(): readonly { readonly image: Image; readonly names: readonly ImageName[] }[]
  /** For an image that is gone. */
  forget(id: ImageId): void
}

export function createCatalog({
  records,
  store,
  log,
}: {
  readonly records: Records
  readonly store: Store
  readonly log: Log
}): Catalog {
  const configs = new Map<ImageId, ImageConfig>()

  function find(text: string): ImageRecord {
    const wanted = parseAnyReference(text)
    const id = typeof wanted === 'string' ? (wanted as ImageId) : (records.named(wanted) ?? byPrefix(text))
    const record = id && records.get(id)
    if (record) return record
    throw failure('not-found', `No such image: ${typeof wanted === 'string' ? wanted : familiarName(wanted)}`)
  }

  /** Only when the prefix means one image. */
  function byPrefix(text: string): ImageId | undefined {
    const hex = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(text)?.[1]
    if (hex === undefined) return undefined
    const [id, ...others] = records.withPrefix(hex, 2)
    return others.length === 0 ? id : undefined
  }

  function configOf(id: ImageId): ImageConfig {
    const known = configs.get(id)
    if (known) return known
    try {
      const config = parseImageConfig(store.blobs.read(id, { limit: CONFIG_LIMIT }))
      configs.set(id, config)
      return config
    } catch (cause) {
      throw failure('corrupt', `the configuration of image ${id} is damaged: ${messageOf(cause)}`, {
        cause,
        hint: `remove the image, or pull or load it again`,
      })
    }
  }

  function open(record: ImageRecord, names = records.namesOf(record.id)): Image {
    const config = configOf(record.id)
    return {
      id: record.id,
      config,
      chainId: record.chainId,
      manifest: record.manifest,
      tags: tagsIn(names),
      repoDigests: digestsIn(names),
      size: sizeOf(record),
      created: parseTimestamp(config.created ?? '') ?? 0n,
      lastTagged: record.lastTagged,
      parent: record.parent,
    }
  }

  function sizeOf({ id, chainId }: ImageRecord): number {
    if (chainId === undefined) return 0
    try {
      return store.layers.chain(chainId).reduce((sum, layer) => sum + layer.size, 0)
    } catch (error) {
      if (!isKind(error, 'not-found')) throw error
      log.warn({ image: id, chain: chainId }, 'layers of an image are missing')
      return 0
    }
  }

  function openAll(): readonly { image: Image; names: readonly ImageName[] }[] {
    const names = records.allNames()
    return records.all().flatMap((record) => {
      const own = names.get(record.id) ?? []
      try {
        return [{ image: open(record, own), names: own }]
      } catch (error) {
        if (!isKind(error, 'corrupt')) throw error
        log.warn({ image: record.id, error }, 'image left out of the list')
        return []
      }
    })
  }

  return { find, open, openAll, forget: (id) => void configs.delete(id) }
}

/** A full id, with or without its algorithm, is a digest; everything else is a name, with `latest` when it says nothing. */
function parseAnyReference(text: string): Digest | Reference {
  if (isDigest(text)) return text
  const bare = `sha256:${text}`
  return isDigest(bare) ? bare : withDefaultTag(parseReference(text))
}
