import { mkdirSync } from 'node:fs'
import { failure, isKind, messageOf, SlipwayError } from '../base/index.ts'
import { closeFd, duplicateFd } from '../kernel/index.ts'
import type { Attachment, PortRequest, Sandbox } from '../networks/index.ts'
import type { RuntimeSpec } from '../oci/index.ts'
import { buildSpec, type Task } from '../runtime/index.ts'
import type { Entry } from './catalog.ts'
import { copyUp } from './copy-up.ts'
import { writeHostFiles } from './host-files.ts'
import { cgroupOf, folderOf, type Household, logPathOf } from './household.ts'
import { hostsOf, resolvConfOf } from './name-files.ts'
import { joinedNamespaces } from './namespaces.ts'
import { networkModeOf } from './network-mode.ts'
import type { ContainerRecord } from './record.ts'
import { logRotationOf } from './request/log-options.ts'
import { ensureBindSources, runtimeMounts } from './request/runtime-mounts.ts'
import { specInputOf } from './request/spec-input.ts'
import { unmountRoot } from './root-holds.ts'

/** The exit code that Docker records for a container whose command could not be run, by what was wrong with it. */
const START_FAILED = 128

/**
 * Starts the container's process; the caller holds its lock and has checked its state. Clients that attached before
 * are joined before the first instruction runs. On failure everything is undone and the reason is recorded.
 * `restartCount` is what the record says once it runs.
 */
export async function startEntry(
  household: Household,
  entry: Entry,
  { restartCount }: { readonly restartCount: number } = entry.record,
): Promise<void> {
  const { catalog, clock, announce, log } = household
  try {
    await using undo = new AsyncDisposableStack()
    const { task, spec } = await createTask(household, { entry, undo })
    await joinClients(entry, task)
    await task.start()
    entry.task = task
    entry.spec = spec
    const { state } = entry.record
    const finishedAt = 'exit' in state ? state.exit?.at : undefined
    catalog.change(entry, {
      state: { status: 'running', pid: task.pid, startedAt: clock.now(), ...(finishedAt ? { finishedAt } : {}) },
      stoppedByUser: false,
      restartCount,
    })
    undo.move()
    announce('start', entry)
  } catch (cause) {
    for (const joiner of entry.joiners) joiner.giveUp()
    entry.joiners.clear()
    recordFailure(household, entry, cause)
    log.info({ container: entry.id, reason: messageOf(cause) }, 'a container could not be started')
    throw asStartFailure(cause)
  }
}

/** Overlay, network namespace and OCI bundle; the runtime works while the network is linked. */
async function createTask(
  household: Household,
  { entry, undo }: { entry: Entry; undo: AsyncDisposableStack },
): Promise<{ task: Task; spec: RuntimeSpec }> {
  const { store, networks, runtime } = household
  const { id, record } = entry
  const folder = folderOf(household, id)
  mkdirSync(folder, { recursive: true, mode: 0o710 })
  ensureBindSources(record)
  const rootfs = store.snapshots.mount(id, { volatile: record.host.autoRemove })
  undo.defer(() => unmountRoot(household, entry))
  if (record.state.status === 'created') await copyUp(household, { record, rootfs })
  undo.defer(() => networks.release(id))
  const sandbox = await openSandbox(household, record)
  const spec = specOf(household, { entry, sandbox })
  // Linking the network closes the reservations, perhaps before the runtime has come to inherit them.
  const reservations = sandbox.reservations.map((fd) => duplicateFd(fd))
  const creating = runtime
    .create(id, {
      spec,
      terminal: record.config.tty,
      stdin: record.config.openStdin,
      stdinOnce: record.config.stdinOnce,
      logPath: record.host.logConfig.type === 'none' ? undefined : logPathOf(household, id),
      logRotation: logRotationOf(record.host.logConfig),
      runtime: record.host.runtime,
      cgroup: cgroupOf(household, entry),
      keepFds: reservations,
    })
    .finally(() => reservations.forEach(closeFd))
  undo.defer(async () => {
    const task = await creating.catch(() => undefined)
    task?.kill(9)
    await task?.delete()
  })
  // What is thrown here must not leave the runtime's failure unobserved.
  creating.catch(() => {})
  networks.connect(id)
  return { task: await creating, spec }
}

/** The configuration of the container's process on its present network and root. */
export function specOf(
  household: Household,
  { entry, sandbox }: { readonly entry: Entry; readonly sandbox: Sandbox | undefined },
): RuntimeSpec {
  const { record, id } = entry
  const { store } = household
  const endpoints = sandbox?.endpoints ?? []
  const files = writeHostFiles(folderOf(household, id), {
    hosts: hostsOf(household, { record, endpoints }),
    hostname: `${record.config.hostname}\n`,
    resolvConf: resolvConfOf(household, { record, endpoints }),
  })
  const namespaces = joinedNamespaces(household, record)
  const { consoleSize } = record.host
  return buildSpec(
    specInputOf(record, {
      rootfs: store.snapshots.get(id)?.merged ?? '',
      netns: namespaces.network ?? sandbox?.netns,
      namespaces,
      mounts: runtimeMounts(record, { ...files, initPath: household.defaults.initPath }),
      cgroup: cgroupOf(household, entry),
      ...(record.config.tty && consoleSize.rows > 0 ? { size: consoleSize } : {}),
    }),
  )
}

async function openSandbox({ networks, defaults }: Household, record: ContainerRecord): Promise<Sandbox> {
  try {
    return await networks.open({
      containerId: record.id,
      containerName: record.name,
      hostname: record.config.hostname,
      dns: record.host.dns.length > 0 ? record.host.dns : defaults.dns,
      mode: networkModeOf(record),
      attachments: attachmentsOf(record),
      ports: portsOf(record),
    })
  } catch (cause) {
    if (!(cause instanceof SlipwayError)) throw cause
    throw failure(cause.kind, `failed to set up container networking: ${cause.message}`, { cause })
  }
}

function attachmentsOf(record: ContainerRecord): readonly Attachment[] {
  if (networkModeOf(record) !== 'bridge') return []
  if (record.attachments.length > 0) return record.attachments
  const network =
    record.host.networkMode === 'default' || record.host.networkMode === '' ? 'bridge' : record.host.networkMode
  return [{ network, aliases: [], links: [], driverOptions: {}, macAddress: record.config.macAddress || undefined }]
}

/** Requested ports; with `-P` also each exposed one that nobody asked for. */
function portsOf({ host, config }: ContainerRecord): readonly PortRequest[] {
  if (!host.publishAllPorts) return host.ports
  const asked = new Set(host.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`))
  const others = config.exposedPorts
    .filter((port) => !asked.has(port))
    .map((port): PortRequest => {
      const [number, protocol] = port.split('/')
      return {
        containerPort: Number(number),
        protocol: protocol as PortRequest['protocol'],
        hostAddress: '',
        hostPort: { first: 0, last: 0 },
      }
    })
  return [...host.ports, ...others]
}

/** A client that cannot be joined has left or is broken; that is no reason for the others to wait. */
async function joinClients(entry: Entry, task: Task): Promise<void> {
  const joiners = Array.from(entry.joiners)
  entry.joiners.clear()
  for (const { join, giveUp } of joiners) await join(task).catch(giveUp)
}

function recordFailure({ catalog, clock }: Household, entry: Entry, cause: unknown): void {
  const { state } = entry.record
  const exit = { code: exitCodeOf(cause), oomKilled: false, at: clock.now(), error: messageOf(cause) }
  if (state.status === 'exited' || state.status === 'restarting') {
    catalog.setState(entry, { status: 'exited', startedAt: state.startedAt, exit })
  } else catalog.setState(entry, { status: 'created', exit })
}

function exitCodeOf(cause: unknown): number {
  return (cause instanceof SlipwayError && cause.exitCode) || START_FAILED
}

/** What nobody expected stays a bug; the rest keeps its kind. */
function asStartFailure(cause: unknown): unknown {
  if (cause instanceof SlipwayError || isKind(cause, 'cancelled')) return cause
  return failure('internal', messageOf(cause), { cause })
}
