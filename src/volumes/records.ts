import type { Database } from '../base/index.ts'
import type { Volume } from './contract.ts'

/** What is kept of a volume; where it lies follows from its name. */
export type VolumeRecord = Omit<Volume, 'mountpoint'>

export interface VolumeRecords {
  all(): readonly VolumeRecord[]
  put(record: VolumeRecord): void
  remove(name: string): void
}

const STEPS = ['CREATE TABLE volumes_volumes (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT']

export function createVolumeRecords(db: Database): VolumeRecords {
  db.migrate('volumes', STEPS)
  return {
    all: () =>
      db.all<{ document: string }>('SELECT document FROM volumes_volumes ORDER BY name').map(({ document }) => {
        const record = JSON.parse(document) as VolumeRecord & { created: string }
        return { ...record, created: BigInt(record.created) }
      }),
    put(record) {
      const document = JSON.stringify({ ...record, created: record.created.toString() })
      db.run('INSERT INTO volumes_volumes VALUES (?, ?)', record.name, document)
    },
    remove(name) {
      db.run('DELETE FROM volumes_volumes WHERE name = ?', name)
    },
  }
}
