import { type Clock, type Database, failure, type Log } from '../base/index.ts'
import { type ChainId, parseReference, withDefaultTag } from '../oci/index.ts'
import type { RegistryClient } from '../registry/client/index.ts'
import type { Store } from '../store/index.ts'
import { createCatalog } from './catalog.ts'
import type { ImageEvent, Images, ImageUsers } from './contract.ts'
import { createAnnouncer } from './events.ts'
import { readHistory } from './history.ts'
import { importImage } from './importing.ts'
import { listImages } from './listing.ts'
import { loadImages } from './loading.ts'
import { pruneImages } from './pruning.ts'
import { assertUnambiguous, createRecords } from './records.ts'
import { createRegistration, parseTag } from './registration.ts'
import { createRemover, type RemovalStep, reportRemoval } from './removal.ts'
import { saveImages } from './saving.ts'
import { createDownloads } from './transfer/downloads.ts'
import { pullAllTags, pullImage } from './transfer/pulling.ts'
import { pushImage } from './transfer/pushing.ts'

export interface ImagesOptions {
  readonly store: Store
  readonly registry: RegistryClient
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly users: ImageUsers
  /** Called synchronously, after the change has been recorded. */
  readonly emit: (event: ImageEvent) => void
}

/** Brings its tables up to date; owns nothing that has to be closed. */
export function createImages({ store, registry, db, clock, log, users, emit }: ImagesOptions): Images {
  const records = createRecords(db)
  const catalog = createCatalog({ records, store, log })
  const registration = createRegistration({ db, records, catalog, store, clock })
  const announcer = createAnnouncer({ records, catalog, emit })
  const remover = createRemover({ db, records, catalog, store, users, announcer })
  const transfer = { store, records, catalog, registration, announcer, registry, downloads: createDownloads(store) }
  let isPruning = false

  function collect(): ReturnType<Store['collect']> {
    const all = records.all()
    return store.collect({
      blobs: new Set(all.map(({ manifest }) => manifest.digest)),
      chains: new Set(all.map(({ chainId }) => chainId).filter((chainId) => chainId !== undefined)),
    })
  }

  /** Garbage that stays is swept the next time, so it is no reason to fail what made it. */
  async function tidy(): Promise<{ readonly bytes: number; readonly layers: readonly ChainId[] }> {
    try {
      return await collect()
    } catch (error) {
      log.warn({ error }, 'collecting unused content failed')
      return { bytes: 0, layers: [] }
    }
  }

  async function prune(filter: Parameters<Images['prune']>[0]): ReturnType<Images['prune']> {
    if (isPruning) throw failure('conflict', 'a prune operation is already running')
    isPruning = true
    try {
      const steps = pruneImages(filter, { catalog, remover })
      const { bytes, layers } = await tidy()
      emit({ action: 'prune', id: '', attributes: { reclaimed: String(bytes) } })
      return { removed: reportRemoval(steps, layers), bytes }
    } finally {
      isPruning = false
    }
  }

  async function report(steps: readonly RemovalStep[]): ReturnType<Images['remove']> {
    const isDeletion = steps.some((step) => step.kind === 'deleted')
    return reportRemoval(steps, isDeletion ? (await tidy()).layers : [])
  }

  const images: Images = {
    resolve: (reference) => catalog.open(catalog.find(reference)),
    get: (id) => {
      const record = records.get(id)
      return record && catalog.open(record)
    },
    list: (filter = {}) => listImages(catalog, filter),
    history: (reference) => readHistory(reference, { catalog, records, store }),
    tag: (source, target) => {
      const reference = parseTag(target)
      const record = catalog.find(source)
      db.transaction(() => {
        records.put({ ...record, lastTagged: clock.now() })
        records.setName({ reference, image: record.id })
      })
      announcer.announce('tag', record.id, reference)
    },
    remove: async (reference, options) => report(remover.remove(reference, options)),
    prune,
    import: async (source, options) => {
      try {
        const image = await importImage(source, { ...options, parts: { store, registration, clock } })
        if (options.reference !== undefined) announcer.announce('tag', image.id, parseTag(options.reference))
        announcer.announce('import', image.id)
        return image
      } finally {
        await tidy()
      }
    },
    load: async function* (source, options) {
      try {
        yield* loadImages(source, { ...options, parts: { store, records, registration, announcer } })
      } finally {
        await tidy()
      }
    },
    save: (references, options) =>
      saveImages(references, { ...options, parts: { catalog, records, store, announcer } }),
    pull: async function* (text, { allTags = false, ...options } = {}) {
      const reference = parseReference(text)
      assertUnambiguous(reference)
      yield* allTags
        ? pullAllTags(reference, { ...options, parts: transfer })
        : pullImage(withDefaultTag(reference), { ...options, parts: transfer })
      await tidy()
    },
    push: (text, options) => pushImage(parseReference(text), { ...options, parts: transfer }),
    register: (image) => registration.register(image),
    compose: (image) => {
      const made = registration.compose(image)
      announcer.announce('create', made.id)
      if (image.reference !== undefined) announcer.announce('tag', made.id, parseTag(image.reference))
      return made
    },
    collect: async () => (await collect()).bytes,
  }
  return images
}
