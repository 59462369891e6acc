import { failure } from '../../../base/index.ts'
import type { Route } from '../http/call.ts'

const NOT_A_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'

/** Routes of a swarm, by the part of the path that they begin with. */
const SWARM = ['configs', 'nodes', 'secrets', 'services', 'swarm', 'tasks']

/** What Docker has and this engine has not, and how it says so. */
const UNSUPPORTED: readonly (readonly [method: Route['method'], path: string, what: string])[] = [
  ['POST', '/swarm/init', 'swarm mode'],
  ['POST', '/swarm/join', 'swarm mode'],
  ['POST', '/build', 'building images'],
  ['POST', '/build/cancel', 'building images'],
  ['POST', '/build/prune', 'the build cache'],
  ['POST', '/grpc', 'the gRPC API of BuildKit'],
  ['POST', '/session', 'build sessions'],
  ['GET', '/images/search', 'searching registries'],
  ['GET', '/containers/{name:.*}/attach/ws', 'attaching over websockets'],
  ['GET', '/containers/{name:.*}/checkpoints', 'checkpoints'],
  ['POST', '/containers/{name:.*}/checkpoints', 'checkpoints'],
  ['DELETE', '/containers/{name:.*}/checkpoints/{checkpoint}', 'checkpoints'],
  ['PUT', '/volumes/{name:.*}', 'cluster volumes'],
  ['GET', '/plugins/privileges', 'plugins'],
  ['POST', '/plugins/pull', 'plugins'],
  ['POST', '/plugins/create', 'plugins'],
]

/** Answers known routes that are not served with a clear refusal. They stand behind all others in the table. */
export function absentRoutes(): readonly Route[] {
  const unsupported = UNSUPPORTED.map(([method, path, what]): Route => {
    return refuse(method, path, () => failure('unsupported', `${what} is not supported by this engine`))
  })
  const swarm = SWARM.flatMap((part) =>
    (['GET', 'POST', 'DELETE'] as const).flatMap((method) => [
      refuse(method, `/${part}`, () => failure('unavailable', NOT_A_MANAGER)),
      refuse(method, `/${part}/{rest:.*}`, () => failure('unavailable', NOT_A_MANAGER)),
    ]),
  )
  const leave = refuse('POST', '/swarm/leave', () => failure('unavailable', 'This node is not part of a swarm'))
  return [leave, ...unsupported, ...swarm]
}

function refuse(method: Route['method'], path: string, why: () => Error): Route {
  return {
    method,
    path,
    handler: () => {
      throw why()
    },
  }
}
