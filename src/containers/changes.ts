import type { Change } from '../store/index.ts'
import type { Entry } from './catalog.ts'
import type { Household } from './household.ts'

/** What every container gets from the engine, on which something is mounted while it runs. */
const OF_THE_ENGINE = [
  '/.dockerenv',
  '/dev',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/mtab',
  '/etc/resolv.conf',
  '/proc',
  '/sys',
]

/** How a container's files differ from those of its image. Places that exist for the sake of mounts do not count. */
export async function listChanges({ store }: Household, { id, record }: Entry): Promise<readonly Change[]> {
  const { mounts, host } = record
  const hidden = [...OF_THE_ENGINE, ...mounts.map(({ destination }) => destination), ...Object.keys(host.tmpfs)]
  return store.snapshots.changes(id, { hidden })
}
