import type { Engine } from '../../../engine-contract.ts'
import { empty, json, type Reply, type Route } from '../http/call.ts'
import { encodeInfo, encodeVersion } from '../wire/system.ts'
import { readDiskUsage } from './disk-usage.ts'
import { readEvents } from './events.ts'

/** Routes about the engine as a whole. */
export function systemRoutes(engine: Engine): readonly Route[] {
  let listeners = 0
  const onListen = (change: 1 | -1): void => {
    listeners += change
  }
  return [
    { method: 'OPTIONS', path: '/{any:.*}', handler: () => empty(200) },
    { method: 'GET', path: '/_ping', handler: () => ping('OK') },
    { method: 'HEAD', path: '/_ping', handler: () => ping('') },
    { method: 'GET', path: '/version', handler: () => json(200, encodeVersion(engine)) },
    { method: 'GET', path: '/info', handler: ({ version }) => json(200, encodeInfo(engine, { version, listeners })) },
    { method: 'GET', path: '/system/df', handler: (call) => readDiskUsage(engine, call) },
    { method: 'GET', path: '/events', handler: (call) => readEvents(engine, call, onListen) },
    { method: 'GET', path: '/plugins', handler: () => json(200, []) },
  ]
}

function ping(text: string): Reply {
  return {
    kind: 'text',
    text,
    headers: {
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
      'Builder-Version': '1',
      Swarm: 'inactive',
    },
  }
}
