import { mkdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createKeyedLock, type Database, failure, hasCode } from '../base/index.ts'
import { mountOverlay, unmount } from '../kernel/index.ts'
import { type ChainId, parseDigest } from '../oci/index.ts'
import type { Layers, Snapshot, Snapshots, Trees } from './contract.ts'
import type { StorePaths } from './paths.ts'
import type { WorkerPool } from './worker/pool.ts'

export interface SnapshotsOptions {
  readonly paths: StorePaths
  readonly db: Database
  readonly layers: Pick<Layers, 'lowers'>
  readonly trees: Trees
  readonly workers: Pick<WorkerPool, 'run'>
}

type Row = { readonly key: string; readonly parent: string | null }

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/

/** What layers say about other layers must come from our own whiteouts alone, and an upper folder must be complete. */
const OPTIONS = ['redirect_dir=nofollow', 'metacopy=off', 'index=off']

export function createSnapshots({ paths, db, layers, trees, workers }: SnapshotsOptions): Snapshots {
  const locks = createKeyedLock()

  function get(key: string): Snapshot | undefined {
    const row = db.get<Row>('SELECT key, parent FROM store_snapshots WHERE key = ?', key)
    return row && fromRow(row)
  }

  function fromRow({ key, parent }: Row): Snapshot {
    return { key, ...(parent !== null && { parent: parseDigest(parent) as ChainId }), ...foldersOf(paths, key) }
  }

  function find(key: string): Snapshot {
    const snapshot = get(key)
    if (!snapshot) throw failure('not-found', `no such snapshot: ${key}`)
    return snapshot
  }

  function create(key: string, parent: ChainId | undefined): Snapshot {
    if (!KEY.test(key)) throw failure('invalid', `invalid name of a snapshot: ${JSON.stringify(key.slice(0, 255))}`)
    const present = get(key)
    if (present && present.parent !== parent) throw failure('conflict', `snapshot ${key} stands on ${present.parent}`)
    if (present) return present
    // Fails for a layer that is not there.
    layers.lowers(parent)
    const { upper, work, merged } = foldersOf(paths, key)
    mkdirSync(paths.snapshot(key), { recursive: true, mode: 0o710 })
    for (const folder of [upper, merged]) mkdirSync(folder, { recursive: true, mode: 0o755 })
    mkdirSync(work, { recursive: true, mode: 0o700 })
    db.run('INSERT INTO store_snapshots (key, parent) VALUES (?, ?)', key, parent ?? null)
    return find(key)
  }

  function mount(key: string, { volatile = false }: { readonly volatile?: boolean } = {}): string {
    const { parent, upper, merged } = find(key)
    if (isMounted(paths, key)) return merged
    const { work } = foldersOf(paths, key)
    // A volatile mount leaves this behind, and the kernel then refuses the folder.
    rmSync(join(work, 'work/incompat'), { recursive: true, force: true })
    const lower = parent === undefined ? [paths.empty] : layers.lowers(parent)
    mountOverlay({ lower, upper, work, target: merged, volatile, options: OPTIONS })
    return merged
  }

  async function unmountKey(key: string): Promise<void> {
    await locks.run(key, () => unmount(foldersOf(paths, key).merged))
  }

  async function remove(key: string): Promise<void> {
    await locks.run(key, async () => {
      await removeSnapshotFolders({ paths, trees, key })
      db.run('DELETE FROM store_snapshots WHERE key = ?', key)
    })
  }

  return {
    create,
    get,
    mount,
    remove,
    unmount: unmountKey,
    list: () => db.all<Row>('SELECT key, parent FROM store_snapshots ORDER BY key').map(fromRow),
    changes: async (key, { hidden = [] } = {}) => {
      const { parent, upper } = find(key)
      return workers.run('changes', { upper, lowers: layers.lowers(parent), hidden })
    },
    usage: (key) => trees.usage(find(key).upper),
  }
}

interface Folders {
  readonly upper: string
  readonly work: string
  readonly merged: string
}

function foldersOf(paths: StorePaths, key: string): Folders {
  const folder = paths.snapshot(key)
  return { upper: join(folder, 'upper'), work: join(folder, 'work'), merged: join(folder, 'merged') }
}

/** Unmounts and deletes what a snapshot has on disk; the folder itself only when nothing of others is in it. */
export async function removeSnapshotFolders(snapshot: {
  readonly paths: StorePaths
  readonly trees: Trees
  readonly key: string
}): Promise<void> {
  const { paths, trees, key } = snapshot
  const { upper, work, merged } = foldersOf(paths, key)
  // Before the unmount, which would write all that is in it to disk first.
  await trees.remove(upper)
  await unmount(merged)
  await trees.remove(work)
  for (const folder of [merged, paths.snapshot(key)]) removeFolder(folder)
}

/** An overlay is a device of its own. Asked so because reading the mount table takes longer the more containers run. */
function isMounted(paths: StorePaths, key: string): boolean {
  return statSync(foldersOf(paths, key).merged).dev !== statSync(paths.snapshot(key)).dev
}

function removeFolder(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error
  }
}
