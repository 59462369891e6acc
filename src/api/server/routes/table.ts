import type { Engine } from '../../../engine-contract.ts'
import type { Route } from '../http/call.ts'
import { absentRoutes } from './absent.ts'
import { commitRoutes } from './commit.ts'
import { containerArchiveRoutes } from './container-archive.ts'
import { containerLifecycleRoutes } from './container-lifecycle.ts'
import { containerReadingRoutes } from './container-reading.ts'
import { containerStatsRoutes } from './container-stats.ts'
import { containerStreamRoutes } from './container-streams.ts'
import { execRoutes } from './execs.ts'
import { imageTransferRoutes } from './image-transfer.ts'
import { imageRoutes } from './images.ts'
import { networkRoutes } from './networks.ts'
import { registryRoutes } from './registries.ts'
import { systemRoutes } from './system.ts'
import { volumeRoutes } from './volumes.ts'

/** All routes of the API. Of two that fit, the first serves. */
export function createRoutes(engine: Engine): readonly Route[] {
  return [
    ...systemRoutes(engine),
    ...containerReadingRoutes(engine),
    ...containerStreamRoutes(engine),
    ...containerArchiveRoutes(engine),
    ...containerStatsRoutes(engine),
    ...containerLifecycleRoutes(engine),
    ...commitRoutes(engine),
    ...execRoutes(engine),
    ...imageTransferRoutes(engine),
    ...imageRoutes(engine),
    ...registryRoutes(engine),
    ...networkRoutes(engine),
    ...volumeRoutes(engine),
    ...absentRoutes(),
  ]
}
