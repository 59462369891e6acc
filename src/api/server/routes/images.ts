import { failure, type Timestamp } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import type { ImageFilter } from '../../../images/index.ts'
import { type Call, empty, json, type Reply, type Route } from '../http/call.ts'
import { type Filters, filterFlag, parseFilters, valuesOf } from '../http/filters.ts'
import { parseTimeValue } from '../http/time-value.ts'
import { atLeast } from '../http/version.ts'
import { encodeHistory, encodeImageInspect, encodeImageSummary, encodeRemoved } from '../wire/image.ts'
import { checkPlatform, readPlatform } from '../wire/platform.ts'
import { countLayers, summarizeManifest } from './image-usage.ts'

/** Routes that tell about images, name and remove them. */
export function imageRoutes(engine: Engine): readonly Route[] {
  const { images } = engine

  function history({ param, query, version }: Call): Reply {
    const reference = param('name')
    const platform = atLeast(version, '1.48') ? readPlatform(query.text('platform')) : undefined
    checkPlatform(platform, { reference, is: images.resolve(reference).config })
    return json(200, encodeHistory(images.history(reference)))
  }

  function tag({ param, query }: Call): Reply {
    images.tag(param('name'), readRepository(query) ?? '')
    return empty(201)
  }

  async function remove({ param, query }: Call): Promise<Reply> {
    const name = param('name')
    if (name.trim() === '') throw failure('invalid', 'image name cannot be blank')
    const options = { force: query.flag('force'), prune: !query.flag('noprune') }
    return json(200, encodeRemoved(await images.remove(name, options)))
  }

  async function prune({ query }: Call): Promise<Reply> {
    const filters = parseFilters(query.text('filters'), ['dangling', 'label', 'label!', 'until'])
    const until = readUntil(filters, engine.clock.now())
    const { removed, bytes } = await images.prune({
      dangling: filterFlag(filters, 'dangling') ?? true,
      labels: valuesOf(filters, 'label') ?? [],
      notLabels: valuesOf(filters, 'label!') ?? [],
      ...(until !== undefined && { until }),
    })
    return json(200, { ImagesDeleted: removed.length > 0 ? encodeRemoved(removed) : null, SpaceReclaimed: bytes })
  }

  return [
    { method: 'GET', path: '/images/json', handler: (call) => listImages(engine, call) },
    { method: 'GET', path: '/images/{name:.*}/json', handler: (call) => inspectImage(engine, call) },
    { method: 'GET', path: '/images/{name:.*}/history', handler: history },
    { method: 'POST', path: '/images/{name:.*}/tag', handler: tag },
    { method: 'POST', path: '/images/prune', handler: prune },
    { method: 'DELETE', path: '/images/{name:.*}', handler: remove },
  ]
}

/** `repo` and `tag` of the query as one reference; undefined without a repository. */
export function readRepository(query: Call['query']): string | undefined {
  const repository = query.text('repo')
  const tag = query.text('tag')
  if (repository === undefined) return undefined
  if (repository.includes('@')) throw failure('invalid', 'cannot import digest reference')
  if (tag === undefined) return repository
  // A tag in `repo` gives way to `tag`; a colon before a slash belongs to a port.
  return `${repository.replace(/:[^/:]*$/, '')}:${tag}`
}

function listImages(engine: Engine, { query, version }: Call): Reply {
  const { images, clock } = engine
  const filters = parseFilters(query.text('filters'), ['dangling', 'label', 'before', 'since', 'reference', 'until'])
  const legacy = atLeast(version, '1.41') ? undefined : query.text('filter')
  const references = [...(valuesOf(filters, 'reference') ?? []), ...(legacy === undefined ? [] : [legacy])]
  const found = images.list({
    ...readFilter(filters, clock.now()),
    all: query.flag('all'),
    ...(references.length > 0 && { references }),
  })
  const usage = atLeast(version, '1.42') && query.flag('shared-size') ? countLayers(engine) : undefined
  const manifests = atLeast(version, '1.47') && query.flag('manifests')
  return json(
    200,
    found.map((image) =>
      encodeImageSummary(image, {
        version,
        ...(usage && { shared: usage.sharedBy(image) }),
        ...(manifests && { manifests: [summarizeManifest(image, engine)] }),
      }),
    ),
  )
}

function readFilter(filters: Filters, now: Timestamp): ImageFilter {
  const dangling = filterFlag(filters, 'dangling')
  const until = readUntil(filters, now)
  const [labels, before, since] = ['label', 'before', 'since'].map((name) => valuesOf(filters, name))
  return {
    ...(dangling !== undefined && { dangling }),
    ...(labels && { labels }),
    ...(before && { before }),
    ...(since && { since }),
    ...(until !== undefined && { until }),
  }
}

function readUntil(filters: Filters, now: Timestamp): Timestamp | undefined {
  const [until, another] = valuesOf(filters, 'until') ?? []
  if (another !== undefined) throw failure('invalid', 'more than one until filter specified')
  return until === undefined ? undefined : parseTimeValue(until, now)
}

function inspectImage(engine: Engine, { param, query, version }: Call): Reply {
  const { images, store } = engine
  const reference = param('name')
  const manifests = atLeast(version, '1.48') && query.flag('manifests')
  const platform = atLeast(version, '1.49') ? readPlatform(query.text('platform')) : undefined
  if (manifests && platform) {
    throw failure('invalid', 'conflicting options: manifests and platform options cannot both be set')
  }
  const image = images.resolve(reference)
  checkPlatform(platform, { reference, is: image.config })
  return json(
    200,
    encodeImageInspect(image, {
      version,
      folders: store.layers.lowers(image.chainId),
      manifests: manifests ? [summarizeManifest(image, engine)] : undefined,
    }),
  )
}
