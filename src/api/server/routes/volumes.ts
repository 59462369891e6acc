import { failure } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import type { Volume } from '../../../volumes/index.ts'
import { type Call, empty, json, type Reply, type Route } from '../http/call.ts'
import {
  type Filters,
  filterFlag,
  matchesExactly,
  matchesLabels,
  matchesPattern,
  parseFilters,
  valuesOf,
} from '../http/filters.ts'
import { atLeast } from '../http/version.ts'
import { encodeVolume, volumeBody } from '../wire/volume.ts'

export function volumeRoutes({ volumes, containers }: Engine): readonly Route[] {
  function list({ query }: Call): Reply {
    const filters = parseFilters(query.text('filters'), ['dangling', 'driver', 'label', 'name'])
    const found = volumes.list().filter((volume) => suits(volume, filters))
    return json(200, { Volumes: found.map((volume) => encodeVolume(volume)), Warnings: null })
  }

  function suits(volume: Volume, filters: Filters): boolean {
    const dangling = filterFlag(filters, 'dangling')
    return (
      matchesExactly(filters, 'driver', volume.driver) &&
      matchesPattern(filters, 'name', volume.name) &&
      matchesLabels(filters, 'label', volume.labels) &&
      (dangling === undefined || (containers.usersOfVolume(volume.name).length === 0) === dangling)
    )
  }

  async function create({ body }: Call): Promise<Reply> {
    const wanted = await body.json(volumeBody)
    const { name = '', driver = '', labels = {}, options = {} } = wanted ?? {}
    if (driver !== '' && driver !== 'local') {
      const missing = `plugin ${JSON.stringify(driver)} not found`
      throw failure('not-found', `create ${name}: error looking up volume plugin ${driver}: ${missing}`)
    }
    const volume = volumes.create({ labels, options, ...(name !== '' && { name }) })
    return json(201, encodeVolume(volume))
  }

  async function remove({ param, query }: Call): Promise<Reply> {
    await volumes.remove(param('name'), { force: query.flag('force') })
    return empty(204)
  }

  async function prune({ query, version }: Call): Promise<Reply> {
    const filters = parseFilters(query.text('filters'), ['all', 'label', 'label!'])
    const { removed, bytes } = await volumes.prune({
      all: !atLeast(version, '1.42') || (filterFlag(filters, 'all') ?? false),
      labels: valuesOf(filters, 'label') ?? [],
      notLabels: valuesOf(filters, 'label!') ?? [],
    })
    return json(200, { VolumesDeleted: removed, SpaceReclaimed: bytes })
  }

  return [
    { method: 'GET', path: '/volumes', handler: list },
    {
      method: 'GET',
      path: '/volumes/{name:.*}',
      handler: ({ param }) => json(200, encodeVolume(volumes.get(param('name')))),
    },
    { method: 'POST', path: '/volumes/create', handler: create },
    { method: 'POST', path: '/volumes/prune', handler: prune },
    { method: 'DELETE', path: '/volumes/{name:.*}', handler: remove },
  ]
}
