import { join } from 'node:path'
import type { KeyedLock } from '../base/index.ts'
import type { Catalog, Entry } from './catalog.ts'
import type { Container } from './contract.ts'
import type { Gate } from './gate.ts'
import type { ContainersOptions } from './options.ts'
import type { LimitSupport } from './request/limit-support.ts'

/** What the parts of this room share: the rooms below, the catalog, one lock a container. */
export interface Household extends ContainersOptions {
  readonly catalog: Catalog
  readonly locks: KeyedLock
  /** What the host can hold; it does not change while the engine runs. */
  readonly support: LimitSupport
  /** Probes of health are started by a few at a time, however many are due. */
  readonly probeGate: Gate
  /** Tells what has happened; attributes besides image, name and labels. */
  readonly announce: (action: string, entry: Entry, attributes?: Readonly<Record<string, string>>) => void
}

/** The folder that holds a container's log and files, beside its writable layer. */
export function folderOf({ dataRoot }: { readonly dataRoot: string }, id: string): string {
  return join(dataRoot, 'containers', id)
}

export function logPathOf(household: { readonly dataRoot: string }, id: string): string {
  return join(folderOf(household, id), `${id}.log`)
}

/** The cgroup of a container below each hierarchy's root. */
export function cgroupOf({ cgroupParent }: { readonly cgroupParent: string }, { id, record }: Entry): string {
  return join('/', record.host.cgroupParent || cgroupParent, id)
}

/** The container as the door shows it: its record, and what is derived from it and from what runs. */
export function viewOf(
  household: Household,
  { id, record, health }: Entry,
  execIds: readonly string[] = [],
): Container {
  const folder = folderOf(household, id)
  const snapshot = household.store.snapshots.get(id)
  const sandbox = household.networks.sandboxOf(id)
  return {
    id,
    name: record.name,
    created: record.created,
    imageId: record.imageId,
    config: record.config,
    host: record.host,
    attachments: record.attachments,
    mounts: record.mounts,
    state: record.state,
    health,
    restartCount: record.restartCount,
    path: record.path,
    args: record.args,
    paths: {
      log: logPathOf(household, id),
      hosts: join(folder, 'hosts'),
      hostname: join(folder, 'hostname'),
      resolvConf: join(folder, 'resolv.conf'),
      upper: snapshot?.upper ?? join(folder, 'upper'),
      merged: snapshot?.merged ?? join(folder, 'merged'),
      work: join(folder, 'work'),
      get lowers() {
        return household.store.layers.lowers(snapshot?.parent)
      },
    },
    execIds,
    network: sandbox && { netns: sandbox.netns, endpoints: sandbox.endpoints, ports: sandbox.ports },
  }
}
