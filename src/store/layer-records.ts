import type { Database } from '../base/index.ts'
import { type ChainId, parseDigest } from '../oci/index.ts'
import type { Layer } from './contract.ts'

export const STORE_SCHEMA: readonly string[] = [
  `CREATE TABLE store_layers (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     chain_id TEXT NOT NULL UNIQUE,
     parent TEXT REFERENCES store_layers (chain_id),
     diff_id TEXT NOT NULL,
     blob_digest TEXT NOT NULL,
     blob_size INTEGER NOT NULL,
     blob_type TEXT NOT NULL,
     size INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX store_layers_parent ON store_layers (parent);
   CREATE TABLE store_snapshots (
     key TEXT PRIMARY KEY,
     parent TEXT REFERENCES store_layers (chain_id)
   ) STRICT;
   CREATE INDEX store_snapshots_parent ON store_snapshots (parent)`,
]

/** A layer with the name of its short link. */
export interface LayerRecord extends Layer {
  readonly link: string
}

type Row = {
  readonly id: number
  readonly chain_id: string
  readonly parent: string | null
  readonly diff_id: string
  readonly blob_digest: string
  readonly blob_size: number
  readonly blob_type: string
  readonly size: number
}

export interface LayerRecords {
  get(chainId: ChainId): LayerRecord | undefined
  list(): readonly LayerRecord[]
  add(layer: Layer): LayerRecord
  /** All or none, children before parents. Fails while another layer or a snapshot stands on one of them. */
  delete(chainIds: readonly ChainId[]): void
}

export function createLayerRecords(db: Database): LayerRecords {
  function get(chainId: ChainId): LayerRecord | undefined {
    const row = db.get<Row>('SELECT * FROM store_layers WHERE chain_id = ?', chainId)
    return row && fromRow(row)
  }

  function add(layer: Layer): LayerRecord {
    db.run(
      `INSERT INTO store_layers (chain_id, parent, diff_id, blob_digest, blob_size, blob_type, size)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      layer.chainId,
      layer.parent ?? null,
      layer.diffId,
      layer.blob.digest,
      layer.blob.size,
      layer.blob.mediaType,
      layer.size,
    )
    const added = get(layer.chainId)
    if (!added) throw new Error(`layer ${layer.chainId} is not there after it was recorded`)
    return added
  }

  return {
    get,
    add,
    list: () => db.all<Row>('SELECT * FROM store_layers ORDER BY id').map(fromRow),
    delete: (chainIds) =>
      db.transaction(() => {
        for (const chainId of chainIds) db.run('DELETE FROM store_layers WHERE chain_id = ?', chainId)
      }),
  }
}

function fromRow(row: Row): LayerRecord {
  return {
    chainId: parseDigest(row.chain_id) as ChainId,
    diffId: parseDigest(row.diff_id),
    ...(row.parent !== null && { parent: parseDigest(row.parent) as ChainId }),
    blob: { digest: parseDigest(row.blob_digest), size: row.blob_size, mediaType: row.blob_type },
    size: row.size,
    link: row.id.toString(36),
  }
}
