import { failure, kindOf, messageOf } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { type Platform, parsePlatform } from '../../../oci/index.ts'
import type { JSONMessage } from '../../types/index.ts'
import type { Call, Reply, Route, StreamReply } from '../http/call.ts'
import { atLeast } from '../http/version.ts'
import { readPlatform } from '../wire/platform.ts'
import { readRepository } from './images.ts'

/** Routes that carry images in and out: import, load, save. */
export function imageTransferRoutes({ images }: Engine): readonly Route[] {
  function create(call: Call): Reply {
    const { query } = call
    const pulled = query.text('fromImage')
    if (pulled !== undefined) {
      throw failure(
        'unsupported',
        `cannot pull ${pulled}: pulling from registries is not available in this version: load or import the image`,
      )
    }
    return importImage(call)
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
    return progress(
      (async function* () {
        const image = await images.import(body.stream(), options)
        yield { status: image.id }
      })(),
    )
  }

  function load({ query, version, body, signal }: Call): Reply {
    const platform = readTransferPlatform(query, version)
    const options = { quiet: query.flag('quiet', true), signal, ...(platform && { platform }) }
    return progress(images.load(body.stream(), options))
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

/** A stream of progress lines. A failure before the first is an error answer, one after it is the last line. */
function progress(lines: AsyncIterable<JSONMessage>): StreamReply {
  return { kind: 'stream', contentType: 'application/json', begin: 'with-first', chunks: encodeProgress(lines) }
}

async function* encodeProgress(lines: AsyncIterable<JSONMessage>): AsyncGenerator<string> {
  let begun = false
  try {
    for await (const line of lines) {
      yield `${JSON.stringify(line)}\r\n`
      begun = true
    }
  } catch (error) {
    if (!begun || kindOf(error) === 'cancelled') throw error
    const message = messageOf(error)
    yield `${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`
  }
}
