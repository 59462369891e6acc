import type { Database } from '../base/index.ts'
import type { Endpoint, Network, PortRequest, PublishedPort, SandboxRequest } from './contract.ts'

/** The networks, kept for good. */
export interface NetworkRecords {
  all(): readonly Network[]
  put(network: Network): void
  remove(id: string): void
}

/** What a running container holds: everything that a later daemon needs to adopt it or to take it back. */
export interface SandboxRecord {
  readonly containerId: string
  readonly containerName: string
  readonly mode: SandboxRequest['mode']
  readonly netns: string | undefined
  readonly endpoints: readonly Endpoint[]
  readonly ports: readonly PublishedPort[]
  /** Ports that are published as soon as the container is on a network that leads outside. */
  readonly portRequests?: readonly PortRequest[]
  readonly hostname?: string
  readonly dns?: readonly string[]
}

/** The sandboxes that exist now. They live no longer than the host's uptime, and so does their database. */
export interface SandboxRecords {
  all(): readonly SandboxRecord[]
  put(record: SandboxRecord): void
  remove(containerId: string): void
}

const NETWORK_STEPS = ['CREATE TABLE networks_networks (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT']
const SANDBOX_STEPS = ['CREATE TABLE networks_sandboxes (container_id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT']

export function createNetworkRecords(db: Database): NetworkRecords {
  db.migrate('networks', NETWORK_STEPS)
  return {
    all: () =>
      db.all<{ document: string }>('SELECT document FROM networks_networks ORDER BY rowid').map((row) => {
        const network = JSON.parse(row.document) as Network & { created: string }
        return { ...network, created: BigInt(network.created) }
      }),
    put(network) {
      const document = JSON.stringify({ ...network, created: network.created.toString() })
      db.run(
        'INSERT INTO networks_networks VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document',
        network.id,
        document,
      )
    },
    remove: (id) => void db.run('DELETE FROM networks_networks WHERE id = ?', id),
  }
}

export function createSandboxRecords(db: Database): SandboxRecords {
  db.migrate('networks.sandboxes', SANDBOX_STEPS)
  return {
    all: () =>
      db
        .all<{ document: string }>('SELECT document FROM networks_sandboxes')
        .map((row) => JSON.parse(row.document) as SandboxRecord),
    put(record) {
      db.run(
        'INSERT INTO networks_sandboxes VALUES (?, ?) ON CONFLICT (container_id) DO UPDATE SET document = excluded.document',
        record.containerId,
        JSON.stringify(record),
      )
    },
    remove(containerId) {
      db.run('DELETE FROM networks_sandboxes WHERE container_id = ?', containerId)
    },
  }
}
