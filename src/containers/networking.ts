import { failure } from '../base/index.ts'
import type { Attachment, Network } from '../networks/index.ts'
import type { Entry } from './catalog.ts'
import type { Household } from './household.ts'
import { updateNameFiles } from './name-files.ts'
import { networkModeOf } from './network-mode.ts'

/** Puts a container on one more network: at once when it runs, and at every start from now on. */
export async function joinNetwork(
  household: Household,
  { entry, attachment }: { readonly entry: Entry; readonly attachment: Attachment },
): Promise<void> {
  const { catalog, locks, networks } = household
  await locks.run(entry.id, () => {
    assertPresent(entry)
    const { record } = entry
    const network = networks.get(attachment.network)
    const named = { ...attachment, network: network.name }
    networks.verify(named, { mode: networkModeOf(record) })
    if (record.attachments.some((known) => isOn(known, network))) {
      throw failure('forbidden', `endpoint with name ${record.name} already exists in network ${network.name}`)
    }
    const before = networks.sandboxOf(entry.id)?.endpoints
    const after = before && networks.attach(entry.id, named).endpoints
    catalog.change(entry, { attachments: [...record.attachments, named] })
    if (before && after) updateNameFiles(household, { record, before, after })
  })
}

/** Takes a container off a network. Without any it comes back, at its next start, to the one that its mode names. */
export async function leaveNetwork(
  household: Household,
  { entry, network: nameOrId }: { readonly entry: Entry; readonly network: string },
): Promise<void> {
  const { catalog, locks, networks } = household
  await locks.run(entry.id, () => {
    assertPresent(entry)
    const { record } = entry
    const network = networks.get(nameOrId)
    networks.verify({ network: network.id, aliases: [], links: [], driverOptions: {} }, { mode: networkModeOf(record) })
    const before = networks.sandboxOf(entry.id)?.endpoints
    const isMember =
      record.attachments.some((known) => isOn(known, network)) ||
      before?.some(({ networkId }) => networkId === network.id)
    if (!isMember) {
      throw failure('internal', `container ${entry.id} is not connected to network ${network.name}`)
    }
    const after = before && networks.detach(entry.id, network.id).endpoints
    catalog.change(entry, { attachments: record.attachments.filter((known) => !isOn(known, network)) })
    if (before && after) updateNameFiles(household, { record, before, after })
  })
}

function assertPresent({ id, record }: Entry): void {
  if (record.state.status !== 'removing' && record.state.status !== 'dead') return
  const why = 'is marked for removal and cannot be connected or disconnected to the network'
  throw failure('conflict', `container ${id} ${why}`)
}

function isOn({ network: wanted }: Attachment, { id, name }: Network): boolean {
  return wanted === name || (wanted.length >= 12 && id.startsWith(wanted))
}
