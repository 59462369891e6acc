import { rm } from 'node:fs/promises'
import { failure, isKind, messageOf } from '../base/index.ts'
import type { Entry } from './catalog.ts'
import { cgroupOf, folderOf, type Household } from './household.ts'

/**
 * Removes a container that does not run, with everything it has; the caller holds its lock. When a part fails the
 * container is dead: still listed, and the removal can be repeated.
 */
export async function removeEntry(
  household: Household,
  { entry, volumes }: { readonly entry: Entry; readonly volumes: boolean },
): Promise<void> {
  const { catalog, announce, runtime, networks, store } = household
  const { record, id } = entry
  const last = 'exit' in record.state ? record.state.exit : undefined
  const times = {
    ...('startedAt' in record.state && record.state.startedAt ? { startedAt: record.state.startedAt } : {}),
    ...(last ? { exit: last } : {}),
  }
  catalog.setState(entry, { status: 'removing', ...times })
  try {
    await entry.task?.delete()
    if (!entry.task) await runtime.purge(id, { cgroup: cgroupOf(household, entry) })
    await networks.release(id)
    await store.snapshots.remove(id)
    await rm(folderOf(household, id), { recursive: true, force: true })
  } catch (cause) {
    catalog.setState(entry, { status: 'dead', ...times })
    throw failure(
      'internal',
      `container ${id}: driver "overlay2" failed to remove root filesystem: ${messageOf(cause)}`,
      { cause },
    )
  }
  catalog.remove(entry)
  announce('destroy', entry)
  catalog.endings.publish({ kind: 'removed', id, exit: last })
  if (volumes) await removeVolumes(household, entry)
}

/** Volumes that were made for this container alone and that no other has taken since. */
async function removeVolumes({ volumes, log }: Household, { record }: Entry): Promise<void> {
  for (const { anonymous, name } of record.mounts) {
    if (!anonymous || name === undefined) continue
    try {
      await volumes.remove(name, { force: true })
    } catch (error) {
      if (!isKind(error, 'conflict'))
        log.warn({ volume: name, reason: messageOf(error) }, 'a volume could not be removed')
    }
  }
}
