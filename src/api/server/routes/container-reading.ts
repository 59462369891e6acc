import { isKind } from '../../../base/index.ts'
import type { Container } from '../../../containers/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { type Call, json, type Reply, type Route } from '../http/call.ts'
import { type Filters, parseFilters } from '../http/filters.ts'
import { encodeChanges } from '../wire/change.ts'
import { encodeInspect, encodeSummary } from '../wire/container.ts'
import { createNetworkLookup } from './network-lookup.ts'

const FILTERS = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
]

type Size = { readonly writable: number; readonly root: number }

/** Routes that tell about containers. */
export function containerReadingRoutes(engine: Engine): readonly Route[] {
  const { containers } = engine

  async function inspect(call: Call): Promise<Reply> {
    const container = containers.find(call.param('name'))
    const size = call.query.flag('size') ? await containers.size(container.id) : undefined
    const networks = createNetworkLookup(engine.networks)
    return json(200, encodeInspect(container, { version: call.version, networks, size }))
  }

  async function top(call: Call): Promise<Reply> {
    const { titles, processes } = await containers.top(call.param('name'), call.query.text('ps_args') ?? '-ef')
    return json(200, { Titles: titles, Processes: processes })
  }

  async function changes(call: Call): Promise<Reply> {
    return json(200, encodeChanges(await containers.changes(call.param('name'))))
  }

  return [
    { method: 'GET', path: '/containers/json', handler: (call) => listContainers(engine, call) },
    { method: 'GET', path: '/containers/{name:.*}/json', handler: inspect },
    { method: 'GET', path: '/containers/{name:.*}/top', handler: top },
    { method: 'GET', path: '/containers/{name:.*}/changes', handler: changes },
  ]
}

async function listContainers(engine: Engine, { query, version }: Call): Promise<Reply> {
  const { containers, networks, images, clock } = engine
  const limit = query.integer('limit') ?? 0
  const found = containers.list({
    all: query.flag('all'),
    filters: withLegacyFilters(parseFilters(query.text('filters'), FILTERS), query),
    ...(limit > 0 && { limit }),
  })
  const sizes = query.flag('size') ? await measure(engine, found) : undefined
  const lookup = createNetworkLookup(networks)
  const nameImage = createImageNames(images)
  const now = clock.now()
  return json(
    200,
    found.map((container) =>
      encodeSummary(container, {
        version,
        now,
        networks: lookup,
        image: nameImage(container),
        size: sizes?.get(container.id),
      }),
    ),
  )
}

/** `before` and `since` were parameters of their own once. */
function withLegacyFilters(filters: Filters, query: Call['query']): Filters {
  const legacy = ['before', 'since'].flatMap((name) => {
    const value = query.text(name)
    return value === undefined ? [] : [[name, [value]] as const]
  })
  return { ...filters, ...Object.fromEntries(legacy) }
}

/** Sizes by id; a container that has gone meanwhile has none. */
export async function measure(
  { containers }: Pick<Engine, 'containers'>,
  found: readonly Container[],
): Promise<ReadonlyMap<string, Size>> {
  const sizes = new Map<string, Size>()
  for (const { id } of found) {
    try {
      sizes.set(id, await containers.size(id))
    } catch (error) {
      if (!isKind(error, 'not-found')) throw error
    }
  }
  return sizes
}

/** The name a container was made from, as long as it still names that image; the image's id otherwise. */
export function createImageNames(images: Engine['images']): (container: Container) => string {
  const known = new Map<string, string | undefined>()

  function idOf(name: string): string | undefined {
    try {
      return images.resolve(name).id
    } catch (error) {
      if (isKind(error, 'not-found') || isKind(error, 'invalid')) return undefined
      throw error
    }
  }

  return ({ config, imageId }) => {
    if (!known.has(config.image)) known.set(config.image, idOf(config.image))
    return known.get(config.image) === imageId ? config.image : imageId
  }
}
