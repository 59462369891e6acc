import { failure, kindOf, messageOf } from '../../base/index.ts'
import { resolveResources } from '../../runtime/index.ts'
import type { Entry } from '../catalog.ts'
import type { Household } from '../household.ts'
import { probeLimitSupport } from '../request/limit-support.ts'
import { verifyUpdate } from '../request/resources.ts'
import { isRunning } from '../states.ts'
import type { UpdateRequest } from '../update.contract.ts'
import { changedLimits, mergeLimits } from './merge-limits.ts'

/**
 * Changes limits and restart policy of a container; of one that runs, at once. Nothing has changed after a failure.
 * Answers what the person should know.
 */
export async function updateEntry(
  household: Household,
  { entry, request }: { readonly entry: Entry; readonly request: UpdateRequest },
): Promise<readonly string[]> {
  const { resources, warnings } = verifyUpdate(request.limits, probeLimitSupport())
  const wanted = { ...request, limits: resources }
  await household.locks.run(entry.id, async () => {
    try {
      await applyUpdate(household, { entry, wanted })
    } catch (cause) {
      throw failure(kindOf(cause), `Cannot update container ${entry.id}: ${messageOf(cause)}`, { cause })
    }
  })
  household.announce('update', entry)
  return warnings
}

async function applyUpdate(
  { catalog }: Household,
  { entry, wanted }: { readonly entry: Entry; readonly wanted: UpdateRequest },
): Promise<void> {
  const { host, state } = entry.record
  if (state.status === 'removing' || state.status === 'dead') {
    throw failure('conflict', 'container is marked for removal and cannot be "update"')
  }
  const resources = mergeLimits(host.resources, wanted)
  const { restartPolicy = host.restartPolicy } = wanted
  if (host.autoRemove && wanted.restartPolicy && restartPolicy.name !== 'no') {
    throw failure('conflict', 'Restart policy cannot be updated because AutoRemove is enabled for the container')
  }
  catalog.change(entry, { host: { ...host, resources, restartPolicy } })
  if (!isRunning(entry.record)) return
  try {
    await limitTask(entry, wanted)
  } catch (error) {
    catalog.change(entry, { host })
    throw error
  }
}

async function limitTask({ task }: Entry, wanted: UpdateRequest): Promise<void> {
  const changes = resolveResources(changedLimits(wanted))
  const resources = wanted.withoutPidsLimit ? { ...changes, pids: { limit: -1 } } : changes
  if (Object.keys(resources).length > 0) await task?.update(resources)
}
