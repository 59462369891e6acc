import { failure } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import type { ContainerSummary, DiskUsage, ImageSummary, Volume } from '../../types/index.ts'
import { type Call, json, type Reply } from '../http/call.ts'
import { atLeast } from '../http/version.ts'
import { encodeSummary } from '../wire/container.ts'
import { encodeImageSummary } from '../wire/image.ts'
import { encodeVolume } from '../wire/volume.ts'
import { createImageNames, measure } from './container-reading.ts'
import { countLayers } from './image-usage.ts'
import { createNetworkLookup } from './network-lookup.ts'

const TYPES = ['container', 'image', 'volume', 'build-cache']

/** `GET /system/df`: what takes space, counted now. */
export async function readDiskUsage(engine: Engine, { query, version }: Call): Promise<Reply> {
  const types = atLeast(version, '1.42') && query.all('type').length > 0 ? query.all('type') : TYPES
  const unknown = types.find((type) => !TYPES.includes(type))
  if (unknown !== undefined) throw failure('invalid', `unknown object type: ${unknown}`)
  const images = types.includes('image') ? measureImages(engine, version) : { total: 0, items: null }
  const usage: DiskUsage = {
    LayersSize: images.total,
    Images: images.items,
    Containers: types.includes('container') ? await measureContainers(engine, version) : null,
    Volumes: types.includes('volume') ? await measureVolumes(engine) : null,
    BuildCache: types.includes('build-cache') ? [] : null,
  }
  return json(200, usage)
}

function measureImages(
  engine: Engine,
  version: string,
): { readonly total: number; readonly items: readonly ImageSummary[] } {
  const usage = countLayers(engine)
  const items = engine.images.list().map((image) =>
    encodeImageSummary(image, {
      version,
      shared: usage.sharedBy(image),
      containers: engine.containers.usersOf(image.id).length,
    }),
  )
  return { total: usage.total, items }
}

async function measureContainers(engine: Engine, version: string): Promise<readonly ContainerSummary[]> {
  const found = engine.containers.list({ all: true, filters: {} })
  const sizes = await measure(engine, found)
  const nameImage = createImageNames(engine.images)
  const networks = createNetworkLookup(engine.networks)
  const now = engine.clock.now()
  return found.map((container) =>
    encodeSummary(container, { version, now, networks, image: nameImage(container), size: sizes.get(container.id) }),
  )
}

function measureVolumes({ volumes, containers, store }: Engine): Promise<readonly Volume[]> {
  return Promise.all(
    volumes.list().map(async (volume) =>
      encodeVolume(volume, {
        Size: await store.trees.usage(volume.mountpoint),
        RefCount: containers.usersOfVolume(volume.name).length,
      }),
    ),
  )
}
