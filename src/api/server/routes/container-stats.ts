import { failure } from '../../../base/index.ts'
import type { StatsOptions } from '../../../containers/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { stringify } from '../http/answer.ts'
import type { Call, Reply, Route } from '../http/call.ts'
import { atLeast } from '../http/version.ts'
import { encodeStats } from '../wire/stats.ts'

/** The route that tells what containers use. */
export function containerStatsRoutes({ containers }: Engine): readonly Route[] {
  function stats(call: Call): Reply {
    const mode = readMode(call)
    const { id } = containers.find(call.param('name'))
    const frames = containers.stats(id, { mode, signal: call.signal })
    return {
      kind: 'stream',
      contentType: 'application/json',
      begin: mode === 'stream' ? 'at-once' : 'with-first',
      chunks: (async function* () {
        for await (const frame of frames) yield `${stringify(encodeStats(frame))}\n`
      })(),
    }
  }

  return [{ method: 'GET', path: '/containers/{name:.*}/stats', handler: stats }]
}

function readMode({ query, version }: Call): StatsOptions['mode'] {
  const stream = query.flag('stream', true)
  const oneShot = atLeast(version, '1.41') && query.flag('one-shot')
  if (stream && oneShot) throw failure('invalid', 'cannot have stream=true and one-shot=true')
  if (oneShot) return 'now'
  return stream ? 'stream' : 'once'
}
