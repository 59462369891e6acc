import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { newId } from '../base/index.ts'
import { effectiveCapabilities } from '../kernel/index.ts'
import type { ContainerId, CreateRequest } from './contract.ts'
import { folderOf, type Household } from './household.ts'
import type { ContainerRecord } from './record.ts'
import { assertContainerName, generateName } from './request/names.ts'
import { prepareContainer } from './request/prepare.ts'

/** Makes a container: its record, its writable layer and its volumes, or nothing at all. */
export async function createContainer(
  household: Household,
  request: CreateRequest,
): Promise<{ readonly id: ContainerId; readonly warnings: readonly string[] }> {
  const { catalog, images, store, volumes, clock, announce } = household
  const image = images.resolve(request.config.image)
  const name = request.name === undefined ? generateName(catalog.isTaken) : request.name.replace(/^\//, '')
  assertContainerName(name)
  catalog.assertFree(name)
  const id = newId() as ContainerId
  const prepared = prepareContainer(request, {
    image,
    id,
    defaults: household.defaults,
    runtimes: household.runtimes,
    volumes,
    support: household.support,
    capabilities: effectiveCapabilities(),
    findContainer: (other) => catalog.find(other).record,
  })
  for (const attachment of prepared.attachments) household.networks.verify(attachment)
  await using undo = new AsyncDisposableStack()
  undo.defer(async () => {
    for (const volume of prepared.createdVolumes) await volumes.remove(volume, { force: true })
  })
  store.snapshots.create(id, image.chainId)
  undo.defer(() => store.snapshots.remove(id))
  const folder = folderOf(household, id)
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  mkdirSync(folder, { recursive: true, mode: 0o710 })
  const { config, host, mounts, attachments, path, args, warnings } = prepared
  const record: ContainerRecord = {
    id,
    name,
    created: clock.now(),
    imageId: image.id,
    config,
    host,
    attachments,
    mounts,
    path,
    args,
    state: { status: 'created' },
    restartCount: 0,
    stoppedByUser: false,
  }
  const entry = catalog.add(record)
  undo.move()
  announce('create', entry)
  return { id, warnings }
}
