import { hostname as hostnameOfHost } from 'node:os'
import { failure, shortId } from '../../base/index.ts'
import type { Image } from '../../images/index.ts'
import type { Attachment } from '../../networks/index.ts'
import { DEFAULT_READONLY_PATHS, defaultMaskedPaths } from '../../runtime/index.ts'
import type { Volumes } from '../../volumes/index.ts'
import type { ContainerConfig, ContainerId, CreateRequest, HostConfig, MountPoint } from '../contract.ts'
import type { ContainerDefaults } from '../options.ts'
import type { ContainerRecord } from '../record.ts'
import { type LimitSupport, probeLimitSupport } from './limit-support.ts'
import { mergeImageConfig } from './merge-image.ts'
import { containerOf, resolveModes, verifyModes } from './modes.ts'
import { resolveMountPoints } from './mount-points.ts'
import { verifyResources } from './resources.ts'
import { verifyConfig } from './verify-config.ts'
import { verifyHost } from './verify-host.ts'

export interface PrepareContext {
  readonly image: Image
  readonly id: ContainerId
  readonly defaults: ContainerDefaults
  /** Names of the registered OCI runtimes. */
  readonly runtimes: ReadonlySet<string>
  readonly volumes: Volumes
  /** Names of the capabilities of this process. */
  readonly capabilities: ReadonlySet<string>
  /** Which limits the host can hold; looked up when absent. */
  readonly support?: LimitSupport
  readonly findContainer: (name: string) => ContainerRecord
}

export interface PreparedContainer {
  readonly config: ContainerConfig
  readonly host: HostConfig
  readonly mounts: readonly MountPoint[]
  readonly attachments: readonly Attachment[]
  /** Executable and arguments. */
  readonly path: string
  readonly args: readonly string[]
  readonly warnings: readonly string[]
  /** Volumes that were not there before: the caller removes them when the container does not come to be. */
  readonly createdVolumes: readonly string[]
}

/**
 * Turns a request into what is recorded and run: completed from image and defaults, and checked. `invalid` with Docker's
 * texts; nothing is left behind on failure.
 */
export function prepareContainer(request: CreateRequest, context: PrepareContext): PreparedContainer {
  const { image, id, support = probeLimitSupport() } = context
  assertNoNul(request)
  const asked = withNetworkMode(request.host)
  verifyModes(asked, request.config)
  const merged = mergeImageConfig(verifyConfig(request.config), image.config.config ?? {})
  const config = { ...merged, hostname: merged.hostname || defaultHostname(asked, id) }
  const { resources, warnings } = verifyResources(asked.resources, support)
  const warningsOfHost = verifyHost(asked, context)
  const host = completeHost({ ...asked, resources }, { ...context, support })
  const [path = '', ...args] = [...(config.entrypoint ?? []), ...(config.cmd ?? [])]
  return {
    config,
    host,
    ...resolveMountPoints({ config, host }, context),
    attachments: attachmentsOf(request.attachments, { host, config }),
    path,
    args,
    warnings: [...warnings, ...warningsOfHost],
  }
}

function withNetworkMode(host: HostConfig): HostConfig {
  return host.networkMode === '' || host.networkMode === 'default' ? { ...host, networkMode: 'bridge' } : host
}

/** The host's own name where that is shared, else the short id. */
function defaultHostname({ networkMode, utsMode }: HostConfig, id: ContainerId): string {
  return networkMode === 'host' || utsMode === 'host' ? hostnameOfHost() : shortId(id)
}

function completeHost(
  host: HostConfig,
  { defaults, findContainer, support }: PrepareContext & { readonly support: LimitSupport },
): HostConfig {
  const sharedCgroup = host.privileged && support.cgroupVersion === '1'
  const named = new Set(host.ulimits.map(({ name }) => name))
  const completed = {
    ...host,
    shmSize: host.shmSize || defaults.shmSize,
    ipcMode: host.ipcMode || defaults.ipcMode,
    cgroupnsMode: host.cgroupnsMode || (sharedCgroup ? 'host' : defaults.cgroupnsMode),
    runtime: host.runtime || defaults.runtime,
    init: host.init ?? (defaults.init || undefined),
    ulimits: [...host.ulimits, ...defaults.ulimits.filter(({ name }) => !named.has(name))],
    securityOpt: withLabels(host),
    maskedPaths: host.maskedPaths ?? (host.privileged ? undefined : defaultMaskedPaths()),
    readonlyPaths: host.readonlyPaths ?? (host.privileged ? undefined : DEFAULT_READONLY_PATHS),
  }
  return { ...completed, ...resolveModes(completed, findContainer) }
}

/** SELinux labels make no sense for who shares namespaces with the host; Docker says so in what it shows. */
function withLabels({ securityOpt, privileged, ipcMode, pidMode }: HostConfig): readonly string[] {
  const isOpen = privileged || ipcMode === 'host' || pidMode === 'host'
  const isLabelled = securityOpt.some((option) => option.split('=')[0] === 'label')
  return isOpen && !isLabelled ? [...securityOpt, 'label=disable'] : securityOpt
}

/** Without a word about endpoints the container is on the network that its mode names. */
function attachmentsOf(
  asked: readonly Attachment[],
  { host, config }: { readonly host: HostConfig; readonly config: ContainerConfig },
): readonly Attachment[] {
  const { networkMode } = host
  if (networkMode === 'host' || networkMode === 'none' || containerOf(networkMode) !== undefined) return []
  if (asked.length > 0) return asked
  const { macAddress } = config
  return [
    { network: networkMode, aliases: [], links: [], driverOptions: {}, ...(macAddress === '' ? {} : { macAddress }) },
  ]
}

/** A text ends at NUL for the kernel and for the runtime: behind it would be something that nobody has checked. */
function assertNoNul(value: unknown): void {
  if (typeof value === 'string' && value.includes('\0')) {
    throw failure('invalid', `invalid argument: ${JSON.stringify(value)} contains a NUL byte`)
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) {
    assertNoNul(key)
    assertNoNul(member)
  }
}
