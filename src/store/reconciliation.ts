import { existsSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Database, Log } from '../base/index.ts'
import { type ChainId, hexOf } from '../oci/index.ts'
import type { Snapshots, Trees } from './contract.ts'
import { repairLinks } from './layer-links.ts'
import type { LayerRecords } from './layer-records.ts'
import type { StorePaths } from './paths.ts'
import { removeSnapshotFolders } from './snapshots.ts'

export interface ReconciliationOptions {
  readonly paths: StorePaths
  readonly tmp: string
  readonly db: Database
  readonly records: LayerRecords
  readonly snapshots: Snapshots
  readonly trees: Trees
  readonly log: Log
}

/**
 * Brings records and folders in line after a start: records whose folder is gone are dropped, with all that stands on
 * them; folders and links without a record, and everything in tmp, are deleted. Returns when the records are right; the
 * deleting goes on until `cleaned` settles, which it does without failing.
 */
export function reconcile(options: ReconciliationOptions): { readonly cleaned: Promise<void> } {
  dropRecords(options)
  const { paths, tmp, records, snapshots, log } = options
  const layers = new Set(records.list().map((layer) => hexOf(layer.chainId)))
  const keys = new Set(snapshots.list().map((snapshot) => snapshot.key))
  // Out of the way at once: the same layer may be unpacked again while the old folder is still being deleted.
  for (const path of childrenOf(paths.layers)) {
    if (/\/[0-9a-f]{64}$/.test(path) && !layers.has(path.slice(-64))) renameSync(path, paths.aside())
  }
  const trash = childrenOf(tmp)
  const strays = readdirSync(paths.snapshots).filter((key) => !keys.has(key) && hasSnapshotFolders(paths, key))
  repairLinks(paths, records.list())
  return {
    cleaned: clean(options, { trash, strays }).catch((error) => log.error({ error }, 'cannot clean up the store')),
  }
}

async function clean(
  { paths, trees, log }: ReconciliationOptions,
  { trash, strays }: { trash: readonly string[]; strays: readonly string[] },
): Promise<void> {
  for (const path of trash) await trees.remove(path)
  for (const key of strays) await removeSnapshotFolders({ paths, trees, key })
  const count = trash.length + strays.length
  if (count > 0) log.info({ count }, 'deleted what an earlier run had left unfinished')
}

function dropRecords({ paths, db, records, snapshots, log }: ReconciliationOptions): void {
  const lost = new Set<ChainId>()
  for (const layer of records.list()) {
    const isGone = !existsSync(join(paths.layer(layer.chainId), 'diff'))
    if (isGone || (layer.parent !== undefined && lost.has(layer.parent))) lost.add(layer.chainId)
  }
  db.transaction(() => {
    for (const { key, parent, upper } of snapshots.list()) {
      if (existsSync(upper) && !(parent !== undefined && lost.has(parent))) continue
      log.warn({ snapshot: key }, 'dropped the record of a snapshot whose folders are gone')
      db.run('DELETE FROM store_snapshots WHERE key = ?', key)
    }
    records.delete([...lost].reverse())
  })
  for (const chainId of lost) log.warn({ layer: chainId }, 'dropped the record of a layer whose folder is gone')
}

/** A folder with no record may hold what other rooms keep beside the snapshot: only ours is looked for. */
function hasSnapshotFolders(paths: StorePaths, key: string): boolean {
  return ['upper', 'work', 'merged'].some((name) => existsSync(join(paths.snapshot(key), name)))
}

function childrenOf(folder: string): readonly string[] {
  return readdirSync(folder).map((name) => join(folder, name))
}
