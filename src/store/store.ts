import type { Clock, Database, Log } from '../base/index.ts'
import { createBlobs } from './blobs.ts'
import { createCollector } from './collector.ts'
import type { Store } from './contract.ts'
import { createLayerRecords, STORE_SCHEMA } from './layer-records.ts'
import { createLayers } from './layers.ts'
import { createLeases } from './leases.ts'
import { createStorePaths } from './paths.ts'
import { reconcile } from './reconciliation.ts'
import { createSnapshots } from './snapshots.ts'
import { createTrees } from './trees.ts'
import { createWorkerPool } from './worker/pool.ts'

export interface StoreOptions {
  /** The data root; blobs, layers and snapshots get folders in it. */
  readonly root: string
  /** A folder of the same filesystem that belongs to the store's process alone: whatever is in it is deleted now. */
  readonly tmp: string
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}

/**
 * Opens the store, making what is missing and repairing what a crash has left. One store a data root; the caller closes
 * it, and then the database.
 */
export async function createStore({ root, tmp, db, log }: StoreOptions): Promise<Store> {
  const paths = createStorePaths({ root, tmp })
  db.migrate('store', STORE_SCHEMA)
  const workers = createWorkerPool({ log })
  const trees = createTrees(workers)
  const leases = createLeases()
  const blobs = createBlobs(paths)
  const records = createLayerRecords(db)
  const inUse = () => snapshots.list().flatMap(({ parent }) => parent ?? [])
  const layers = createLayers({ log, paths, records, blobs, workers, trees, inUse })
  const snapshots = createSnapshots({ paths, db, layers, trees, workers })
  const collect = createCollector({ blobs, layers, records, leases, inUse })
  const { cleaned } = reconcile({ paths, tmp, db, records, snapshots, trees, log })

  async function close(): Promise<void> {
    await cleaned
    await workers.close()
  }
  return { blobs, layers, snapshots, leases, trees, collect, close }
}
