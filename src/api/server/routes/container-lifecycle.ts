import { failure, kindOf, messageOf } from '../../../base/index.ts'
import type { StopOptions } from '../../../containers/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { parsePlatform } from '../../../oci/index.ts'
import { type Call, empty, json, type Reply, type Route } from '../http/call.ts'
import { parseFilters } from '../http/filters.ts'
import { atLeast } from '../http/version.ts'
import { createBody, readCreateRequest } from '../wire/create-request.ts'
import { checkPlatform } from '../wire/platform.ts'
import { readUpdateRequest, updateBody } from '../wire/update-request.ts'

/** Routes that change containers. */
export function containerLifecycleRoutes(engine: Engine): readonly Route[] {
  const { containers } = engine

  async function kill({ query, param }: Call): Promise<void> {
    const name = param('name')
    try {
      await containers.kill(name, query.text('signal') ?? 'SIGKILL')
    } catch (cause) {
      throw failure(kindOf(cause), `cannot kill container: ${name}: ${messageOf(cause)}`, { cause })
    }
  }

  async function start({ query, param, body }: Call): Promise<void> {
    if (body.length === undefined || body.length > 7) {
      throw failure(
        'invalid',
        'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
      )
    }
    if (query.text('checkpoint') !== undefined) throw failure('unsupported', 'checkpoints are not supported')
    const detachKeys = query.text('detachKeys')
    await containers.start(param('name'), detachKeys === undefined ? {} : { detachKeys })
  }

  async function remove({ query, param }: Call): Promise<void> {
    const options = { force: query.flag('force'), volumes: query.flag('v'), link: query.flag('link') }
    await containers.remove(param('name'), options)
  }

  async function prune({ query }: Call): Promise<Reply> {
    const filters = parseFilters(query.text('filters'), ['label', 'label!', 'until'])
    const { removed, bytes } = await containers.prune(filters)
    return json(200, { ContainersDeleted: removed.length > 0 ? removed : null, SpaceReclaimed: bytes })
  }

  async function update(call: Call): Promise<Reply> {
    const request = readUpdateRequest(await call.body.json(updateBody))
    const warnings = await containers.update(call.param('name'), request)
    return json(200, { Warnings: warnings.length > 0 ? warnings : null })
  }

  function post(path: string, work: (call: Call) => Promise<void>): Route {
    return { method: 'POST', path, handler: (call) => work(call).then(() => empty(204)) }
  }

  return [
    { method: 'POST', path: '/containers/create', handler: (call) => createContainer(engine, call) },
    { method: 'POST', path: '/containers/prune', handler: prune },
    post('/containers/{name:.*}/start', start),
    // A client that goes away does not take back what it ordered.
    post('/containers/{name:.*}/stop', (call) => containers.stop(call.param('name'), stopOptions(call))),
    post('/containers/{name:.*}/restart', (call) => containers.restart(call.param('name'), stopOptions(call))),
    post('/containers/{name:.*}/kill', kill),
    post('/containers/{name:.*}/pause', (call) => containers.pause(call.param('name'))),
    post('/containers/{name:.*}/unpause', (call) => containers.unpause(call.param('name'))),
    post('/containers/{name:.*}/rename', (call) => containers.rename(call.param('name'), call.query.get('name') ?? '')),
    { method: 'POST', path: '/containers/{name:.*}/update', handler: update },
    {
      method: 'DELETE',
      path: '/containers/{name:.*}',
      handler: (call) => remove(call).then(() => empty(204)),
    },
  ]
}

async function createContainer({ containers, images, facts }: Engine, call: Call): Promise<Reply> {
  const { query, version } = call
  const body = await call.body.json(createBody)
  if (!body) throw failure('invalid', 'invalid JSON: got EOF while reading request body')
  const { request, warnings } = readCreateRequest(body, {
    name: query.text('name'),
    version,
    facts,
  })
  const platform = atLeast(version, '1.41') ? query.text('platform') : undefined
  if (platform !== undefined) {
    const reference = request.config.image
    checkPlatform(parsePlatform(platform), { reference, is: images.resolve(reference).config })
  }
  const made = await containers.create(request)
  return json(201, { Id: made.id, Warnings: [...made.warnings, ...warnings] })
}

function stopOptions({ query, version }: Call): StopOptions {
  const timeout = query.integer('t')
  const stopSignal = atLeast(version, '1.42') ? query.text('signal') : undefined
  return { ...(timeout !== undefined && { timeout }), ...(stopSignal !== undefined && { stopSignal }) }
}
