import { failure, formatTimestamp, isKind } from '../../base/index.ts'
import { applyChanges, type Image } from '../../images/index.ts'
import {
  type ExecutionConfig,
  familiarName,
  type ImageConfig,
  parseReference,
  withDefaultTag,
} from '../../oci/index.ts'
import type { Layer } from '../../store/index.ts'
import type { Entry } from '../catalog.ts'
import type { CommitRequest } from '../commit.contract.ts'
import type { Household } from '../household.ts'
import { completeExecution, executionConfigOf } from './execution-config.ts'

/** Digest of an archive of nothing: Docker counts such a layer as none. */
const EMPTY_LAYER = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'

/** Makes an image of a container's image and what the container has changed. `setPaused` records and tells of a pause. */
export async function commitEntry(
  household: Household,
  {
    entry,
    request,
    setPaused,
  }: {
    readonly entry: Entry
    readonly request: CommitRequest
    readonly setPaused: (paused: boolean) => Promise<void>
  },
): Promise<Image> {
  const { store, images, announce } = household
  assertWhole(household, entry)
  const parent = images.resolve(entry.record.imageId)
  const execution = executionOf(entry, request)
  const reference = request.reference === undefined ? undefined : nameOf(request.reference)
  using _lease = store.leases.hold()
  const layer = await takeLayer(household, { entry, pause: request.pause, setPaused })
  assertWhole(household, entry)
  const isEmpty = layer.diffId === EMPTY_LAYER
  const image = images.compose({
    config: configOf(household, { entry, request, execution, parent: parent.config, isEmpty }),
    chainId: isEmpty ? layer.parent : layer.chainId,
    parent: parent.id,
    ...(reference !== undefined && { reference }),
  })
  announce('commit', entry, { comment: request.comment, imageID: image.id, imageRef: reference ?? '' })
  return image
}

/** As Docker shows it. `invalid` for what is no name, before anything is done. */
function nameOf(reference: string): string {
  return familiarName(withDefaultTag(parseReference(reference)))
}

/** What is being deleted, or was in part, would make an image that lacks something. */
function assertWhole({ catalog }: Household, { id, record: { state } }: Entry): void {
  if (state.status === 'dead') throw failure('conflict', `You cannot commit container ${id} which is Dead`)
  if (state.status === 'removing' || !catalog.get(id)) {
    throw failure('conflict', `You cannot commit container ${id} which is being removed`)
  }
}

/** What is wrong with the changes is found before anything is done. */
function executionOf({ record }: Entry, { config, changes }: CommitRequest): ExecutionConfig {
  const present = executionConfigOf(record.config)
  if (!config) return applyChanges(present, changes)
  return completeExecution(applyChanges(executionConfigOf(config), changes), present)
}

async function takeLayer(
  { store }: Household,
  {
    entry,
    pause,
    setPaused,
  }: { readonly entry: Entry; readonly pause: boolean; readonly setPaused: (paused: boolean) => Promise<void> },
): Promise<Layer> {
  const snapshot = store.snapshots.get(entry.id)
  if (!snapshot) throw failure('not-found', `container ${entry.id} has no files`)
  const { upper, parent } = snapshot
  const take = (): Promise<Layer> => store.layers.fromUpper(upper, parent === undefined ? {} : { parent })
  if (!pause || entry.record.state.status !== 'running') return take()
  await setPaused(true)
  try {
    return await take()
  } finally {
    // Somebody may have ended it, or let it go on, meanwhile.
    await setPaused(false).catch((error: unknown) => {
      if (!isKind(error, 'conflict') && !isKind(error, 'not-found')) throw error
    })
  }
}

function configOf(
  { clock }: Household,
  {
    entry,
    request: { author, comment },
    execution,
    parent,
    isEmpty,
  }: {
    readonly entry: Entry
    readonly request: CommitRequest
    readonly execution: ExecutionConfig
    readonly parent: ImageConfig
    readonly isEmpty: boolean
  },
): Omit<ImageConfig, 'rootfs'> {
  const { rootfs, comment: _, author: __, ...inherited } = parent
  const created = formatTimestamp(clock.now())
  const entryOfHistory = {
    created,
    ...(author !== '' && { author }),
    created_by: (entry.record.config.cmd ?? []).join(' '),
    ...(comment !== '' && { comment }),
    ...(isEmpty && { empty_layer: true }),
  }
  return {
    ...inherited,
    created,
    ...(author !== '' && { author }),
    ...(comment !== '' && { comment }),
    config: execution,
    history: [...historyOf(parent), entryOfHistory],
  }
}

/** An image may tell of fewer layers than it has: each gets an entry, so that ours is the last one's. */
function historyOf({ history = [], rootfs }: ImageConfig): NonNullable<ImageConfig['history']> {
  const told = history.filter((entry) => !entry.empty_layer).length
  return [...history, ...Array.from({ length: Math.max(0, rootfs.diff_ids.length - told) }, () => ({}))]
}
