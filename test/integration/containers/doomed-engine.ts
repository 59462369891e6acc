/** Plays an engine that dies: starts containers on the seat it is given, says so, and stays until it is killed. */

import type { CreateRequest } from '../../../src/containers/index.ts'
import { createEngine } from '../../../src/engine.ts'
import { type EngineSeat, engineOptions } from './engine-options.ts'

const { seat, requests } = JSON.parse(process.argv[2] ?? '') as { seat: EngineSeat; requests: readonly CreateRequest[] }
const engine = await createEngine(engineOptions(seat))
for (const request of requests) {
  const { id } = await engine.containers.create(request)
  await engine.containers.start(id)
}
process.stdout.write('started\n')
setInterval(() => {}, 60_000)
