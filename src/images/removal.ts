import { type Database, failure, shortId } from '../base/index.ts'
import { type ChainId, familiarName, parseReference, type Reference, withDefaultTag } from '../oci/index.ts'
import type { Layer, Store } from '../store/index.ts'
import type { Catalog } from './catalog.ts'
import type { ImageEvent, ImageId, ImageUsers, RemovedImage } from './contract.ts'
import type { Announcer } from './events.ts'
import { type ImageName, type ImageRecord, isSameRepository, isTag, type Records } from './records.ts'

interface RemovalOptions {
  /** Remove although a stopped container uses it or several names point to it. */
  readonly force?: boolean | undefined
  /** Remove parents that nothing uses any more. Default true. */
  readonly prune?: boolean | undefined
}

/** What a removal did. Layers are gone only when the collector has been. */
export type RemovalStep =
  | { readonly kind: 'untagged'; readonly event: ImageEvent; readonly name: string }
  | { readonly kind: 'deleted'; readonly event: ImageEvent; readonly id: ImageId; readonly chain: readonly ChainId[] }

export interface Remover {
  /** Removes the records; `conflict` with Docker's texts, and then nothing has changed. */
  remove(reference: string, options?: RemovalOptions): readonly RemovalStep[]
  /** Removes an image that nobody uses with all its names, and its unused parents. */
  removeUnused(id: ImageId): readonly RemovalStep[]
}

interface Conflict {
  readonly hard: boolean
  /** A container is why. */
  readonly used: boolean
  readonly reason: string
}

/** Which conflicts stand in the way of a deletion; a running container and children always do. */
interface Obstacles {
  readonly names: boolean
  readonly stopped: boolean
}

export function createRemover(parts: {
  readonly db: Database
  readonly records: Records
  readonly catalog: Catalog
  readonly store: Store
  readonly users: ImageUsers
  readonly announcer: Announcer
}): Remover {
  const { db, records, catalog, store, users, announcer } = parts

  /** Does the work in one transaction and announces it when it is done. */
  function perform(work: (steps: RemovalStep[]) => void): readonly RemovalStep[] {
    const steps: RemovalStep[] = []
    db.transaction(() => work(steps))
    for (const step of steps) {
      if (step.kind === 'deleted') catalog.forget(step.id)
      announcer.emit(step.event)
    }
    return steps
  }

  function removeByName(record: ImageRecord, { text, options, steps }: Request): void {
    const names = records.namesOf(record.id)
    const [user] = users.usersOf(record.id)
    if (user && !options.force && isSingle(names)) {
      throw failure(
        'conflict',
        `conflict: unable to remove repository reference ${JSON.stringify(text)} (must force) - container ${shortId(user.id)} is using its referenced image ${shortImageId(record.id)}`,
      )
    }
    const reference = withDefaultTag(parseReference(text))
    untag(record.id, { reference, steps })
    if (isTag(reference)) untagLonelyDigests(record.id, { repository: reference, steps })
    if (records.namesOf(record.id).length > 0) return
    const conflict = findConflict(record.id, obstacles(options))
    if (!conflict) deleteImage(record, { prune: options.prune ?? true, steps })
    else if (!conflict.used && isDangling(record.id)) throw conflictError(record.id, conflict)
  }

  /** Digests of a repository whose last tag is gone say nothing to anybody. */
  function untagLonelyDigests(
    id: ImageId,
    { repository, steps }: { readonly repository: Reference; readonly steps: RemovalStep[] },
  ): void {
    const siblings = records.namesOf(id).filter(({ reference }) => isSameRepository(reference, repository))
    if (siblings.some(({ reference }) => isTag(reference))) return
    for (const { reference } of siblings) untag(id, { reference, steps })
  }

  function removeById(record: ImageRecord, { options, steps }: Request): void {
    const single = isSingle(records.namesOf(record.id))
    const conflict = findConflict(record.id, { ...obstacles(options), ...(single && { names: false }) })
    if (conflict) throw conflictError(record.id, conflict)
    deleteImage(record, { prune: options.prune ?? true, steps })
  }

  function deleteImage(
    record: ImageRecord,
    { prune, steps }: { readonly prune: boolean; readonly steps: RemovalStep[] },
  ): void {
    for (const { reference } of records.namesOf(record.id)) untag(record.id, { reference, steps })
    records.delete(record.id)
    const event = announcer.describe('delete', record.id)
    steps.push({ kind: 'deleted', event, id: record.id, chain: chainOf(store, record.chainId) })
    const parent = prune && record.parent !== undefined ? records.get(record.parent) : undefined
    if (parent && !findConflict(parent.id, { names: true, stopped: true })) deleteImage(parent, { prune, steps })
  }

  function untag(
    id: ImageId,
    { reference, steps }: { readonly reference: Reference; readonly steps: RemovalStep[] },
  ): void {
    records.deleteName(reference)
    steps.push({ kind: 'untagged', event: announcer.describe('untag', id), name: familiarName(reference) })
  }

  function findConflict(id: ImageId, obstacles: Obstacles): Conflict | undefined {
    if (records.childrenOf(id).length > 0) {
      return { hard: true, used: false, reason: 'image has dependent child images' }
    }
    const using = users.usersOf(id)
    const running = using.find((user) => user.running)
    if (running) {
      return { hard: true, used: true, reason: `image is being used by running container ${shortId(running.id)}` }
    }
    if (obstacles.names && records.namesOf(id).length > 0) {
      return { hard: false, used: false, reason: 'image is referenced in multiple repositories' }
    }
    const [stopped] = using
    if (!obstacles.stopped || !stopped) return undefined
    return { hard: false, used: true, reason: `image is being used by stopped container ${shortId(stopped.id)}` }
  }

  function isDangling(id: ImageId): boolean {
    return records.namesOf(id).length === 0 && records.childrenOf(id).length === 0
  }

  return {
    remove: (text, options = {}) =>
      perform((steps) => {
        const record = catalog.find(text)
        const request: Request = { text, options, steps }
        if (isIdPrefix(record.id, text)) removeById(record, request)
        else removeByName(record, request)
      }),
    removeUnused: (id) =>
      perform((steps) => {
        const record = records.get(id)
        if (!record || findConflict(id, { names: false, stopped: true })) return
        deleteImage(record, { prune: true, steps })
      }),
  }
}

interface Request {
  readonly text: string
  readonly options: RemovalOptions
  readonly steps: RemovalStep[]
}

/** The steps as Docker reports them, each deleted image followed by the layers that went with it. */
export function reportRemoval(steps: readonly RemovalStep[], collected: readonly ChainId[]): readonly RemovedImage[] {
  const left = new Set(collected)
  return steps.flatMap((step): readonly RemovedImage[] => {
    if (step.kind === 'untagged') return [{ untagged: step.name }]
    const gone = step.chain.filter((chainId) => left.delete(chainId))
    return [{ deleted: step.id }, ...gone.map((chainId) => ({ deleted: chainId }))]
  })
}

/** Topmost first, as far down as the layers are there. */
function chainOf(store: Store, top: ChainId | undefined): readonly ChainId[] {
  const chain: ChainId[] = []
  let layer: Layer | undefined = top && store.layers.get(top)
  for (; layer; layer = layer.parent && store.layers.get(layer.parent)) chain.push(layer.chainId)
  return chain
}

/** At most one tag, and all names of one repository; false when there is no name. */
function isSingle(names: readonly ImageName[]): boolean {
  const [first, ...others] = names.toSorted(
    (one, other) => Number(isTag(other.reference)) - Number(isTag(one.reference)),
  )
  if (!first) return false
  return others.every(({ reference }) => !isTag(reference) && isSameRepository(reference, first.reference))
}

function obstacles({ force = false }: RemovalOptions): Obstacles {
  return { names: !force, stopped: !force }
}

function isIdPrefix(id: ImageId, text: string): boolean {
  return id.startsWith(text) || id.slice('sha256:'.length).startsWith(text)
}

function shortImageId(id: ImageId): string {
  return shortId(id.slice('sha256:'.length))
}

function conflictError(id: ImageId, { hard, reason }: Conflict): Error {
  return failure(
    'conflict',
    `conflict: unable to delete ${shortImageId(id)} (${hard ? 'cannot be forced' : 'must be forced'}) - ${reason}`,
  )
}
