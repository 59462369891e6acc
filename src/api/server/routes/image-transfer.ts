import { failure } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { type Platform, parsePlatform } from '../../../oci/index.ts'
import type { Call, Reply, Route } from '../http/call.ts'
import { atLeast } from '../http/version.ts'
import { readPlatform } from '../wire/platform.ts'
import { readRepository } from './images.ts'
import { progressReply } from './progress-reply.ts'
import { pullImage } from './registries.ts'

/** Routes that carry images in and out: pull, import, load, save. */
export function imageTransferRoutes(engine: Engine): readonly Route[] {
  const { images } = engine

  function create(call: Call): Reply {
    return call.query.text('fromImage') === undefined ? importImage(call) : pullImage(engine, call)
  }

  function importImage({ query, version, body, signal }: Call): Reply {
    const source = query.text('fromSrc') ?? ''
    if (source !== '-') {
      throw failure(
        'unsupported',
        `cannot import from ${JSON.stringify(source)}: send the archive in the body, as fromSrc=- does`,
      )
    }
    const reference = readRepository(query)
    const platform = atLeast(version, '1.32') ? query.text('platform') : undefined
    const options = {
      message: query.text('message') ?? `Imported from ${source}`,
      changes: query.all('changes'),
      signal,
      ...(reference !== undefined && { reference }),
      ...(platform !== undefined && { platform: parsePlatform(platform) }),
    }
    return progressReply(
      (async function* () {
        const image = await images.import(body.stream(), options)
        yield { status: image.id }
      })(),
    )
  }

  function load({ query, version, body, signal }: Call): Reply {
    const platform = readTransferPlatform(query, version)
    const options = { quiet: query.flag('quiet', true), signal, ...(platform && { platform }) }
    return progressReply(images.load(body.stream(), options))
  }

  function save({ query, version, signal }: Call, names: readonly string[]): Reply {
    const platform = readTransferPlatform(query, version)
    const chunks = images.save(names, { signal, ...(platform && { platform }) })
    return { kind: 'stream', contentType: 'application/x-tar', chunks, begin: 'with-first' }
  }

  return [
    { method: 'POST', path: '/images/create', handler: create },
    { method: 'POST', path: '/images/load', handler: load },
    { method: 'GET', path: '/images/get', handler: (call) => save(call, call.query.all('names')) },
    { method: 'GET', path: '/images/{name:.*}/get', handler: (call) => save(call, [call.param('name')]) },
  ]
}

function readTransferPlatform(query: Call['query'], version: string): Platform | undefined {
  if (!atLeast(version, '1.48')) return undefined
  if (query.all('platform').length > 1) throw failure('invalid', 'multiple platform parameters not supported')
  return readPlatform(query.text('platform'))
}
