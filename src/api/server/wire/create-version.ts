import { failure } from '../../../base/index.ts'
import type { ContainerConfig, MountRequest } from '../../../containers/index.ts'
import { atLeast } from '../http/version.ts'
import { type EndpointRequest, NO_ENDPOINT } from './endpoint.ts'
import type { WireHostConfig } from './host-config.ts'

interface Wanted {
  readonly config: ContainerConfig
  readonly host: WireHostConfig
  readonly endpoints: Readonly<Record<string, EndpointRequest>>
}

/** Gives a request the meaning it has in the client's API version: later fields are ignored or refused as Docker does. */
export function applyVersion(
  wanted: Wanted,
  { version, cgroupVersion }: { readonly version: string; readonly cgroupVersion: '1' | '2' },
): Wanted & { readonly warnings: readonly string[] } {
  const mac = migrateMacAddress(wanted, version)
  const { config, host, endpoints } = mac
  const names = Object.keys(endpoints)
  if (!atLeast(version, '1.44') && names.length > 1) {
    throw failure('invalid', `Container cannot be created with multiple network endpoints: ${names.join(', ')}`)
  }
  return {
    config: atLeast(version, '1.44') ? config : withoutStartInterval(config),
    host: applyToHost(host, { version, cgroupVersion }),
    endpoints: atLeast(version, '1.48') ? endpoints : withoutPriorities(endpoints),
    warnings: [...mac.warnings, ...warnOfVolumeDriver(host, version)],
  }
}

function applyToHost(
  host: WireHostConfig,
  { version, cgroupVersion }: { readonly version: string; readonly cgroupVersion: '1' | '2' },
): WireHostConfig {
  const shareable = host.ipcMode === '' && !atLeast(version, '1.40')
  const sharedCgroup = host.cgroupnsMode === '' && cgroupVersion === '1' && !atLeast(version, '1.41')
  return {
    ...host,
    mounts: host.mounts.map((mount) => applyToMount(mount, version)),
    ...(!atLeast(version, '1.25') && { autoRemove: false }),
    ...(shareable && { ipcMode: 'shareable' }),
    ...(sharedCgroup && { cgroupnsMode: 'host' }),
    ...(!atLeast(version, '1.42') && { consoleSize: { rows: 0, columns: 0 } }),
    ...(!atLeast(version, '1.43') && { annotations: {} }),
  }
}

const OPTIONS = { volume: 'VolumeOptions', bind: 'BindOptions', tmpfs: 'TmpfsOptions' } as const

function applyToMount(mount: MountRequest, version: string): MountRequest {
  const { bind, volume, tmpfs, ...rest } = mount
  if (mount.type === 'image' && !atLeast(version, '1.48')) {
    throw failure('invalid', 'Mount type "Image" needs API v1.48 or newer')
  }
  if (volume && volume.subpath !== '' && !atLeast(version, '1.45')) {
    throw failure('invalid', 'VolumeOptions.Subpath needs API v1.45 or newer')
  }
  if (bind?.readOnlyForceRecursive && !atLeast(version, '1.44')) {
    throw failure('invalid', 'BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer')
  }
  if (atLeast(version, '1.42')) {
    for (const [type, name] of Object.entries(OPTIONS)) {
      if (type !== mount.type && mount[type as keyof typeof OPTIONS]) {
        throw failure('invalid', `${name} must not be specified on mount type ${JSON.stringify(mount.type)}`)
      }
    }
  }
  const isFlat = mount.type === 'bind' && mount.readOnly && !atLeast(version, '1.44')
  return {
    ...rest,
    ...(mount.type === 'volume' && volume && { volume }),
    ...(mount.type === 'tmpfs' && tmpfs && { tmpfs }),
    ...(bind && mount.type === 'bind' && { bind: applyToBind(bind, version) }),
    // Before 1.44 no read-only mount was recursive.
    ...(isFlat && { bind: { ...applyToBind(bind, version), readOnlyNonRecursive: true } }),
  }
}

function applyToBind(bind: MountRequest['bind'], version: string): NonNullable<MountRequest['bind']> {
  const { nonRecursive = false, createMountpoint = false } = bind ?? {}
  return {
    propagation: bind?.propagation ?? '',
    nonRecursive: nonRecursive && atLeast(version, '1.40'),
    createMountpoint: createMountpoint && atLeast(version, '1.42'),
    readOnlyNonRecursive: (bind?.readOnlyNonRecursive ?? false) && atLeast(version, '1.44'),
    readOnlyForceRecursive: bind?.readOnlyForceRecursive ?? false,
  }
}

/** The address of the container as a whole, of old, becomes that of its endpoint on the network it runs in. */
function migrateMacAddress(wanted: Wanted, version: string): Wanted & { readonly warnings: readonly string[] } {
  const { config, host, endpoints } = wanted
  const { macAddress } = config
  const modern = atLeast(version, '1.44')
  if (macAddress === '') {
    const bare = Object.entries(endpoints).map(([name, endpoint]) => [name, { ...endpoint, macAddress: '' }] as const)
    return { ...wanted, endpoints: modern ? endpoints : Object.fromEntries(bare), warnings: [] }
  }
  const { networkMode } = host
  const onBridge = networkMode !== 'host' && networkMode !== 'none' && !networkMode.startsWith('container:')
  if (!onBridge && !modern) throw failure('invalid', 'conflicting options: mac-address and the network mode')
  const warnings = modern
    ? ['The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.']
    : []
  if (!onBridge) return { ...wanted, config: { ...config, macAddress: '' }, warnings }
  const name = modern ? networkMode : (Object.keys(endpoints)[0] ?? networkMode)
  const found = endpoints[name]
  if (!found && Object.keys(endpoints).length > 0) {
    throw failure(
      'invalid',
      'unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks',
    )
  }
  if (modern && found && found.macAddress !== '' && found.macAddress !== macAddress) {
    throw failure(
      'invalid',
      'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
    )
  }
  return {
    host,
    config: modern ? { ...config, macAddress: '' } : config,
    endpoints: { ...endpoints, [name]: { ...(found ?? NO_ENDPOINT), macAddress } },
    warnings,
  }
}

function warnOfVolumeDriver({ volumeDriver, mounts }: WireHostConfig, version: string): readonly string[] {
  const isUnclear = ({ type, volume }: MountRequest): boolean => type === 'volume' && !volume?.driver
  if (volumeDriver === '' || !atLeast(version, '1.48') || !mounts.some(isUnclear)) return []
  return [
    `WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead`,
  ]
}

function withoutStartInterval(config: ContainerConfig): ContainerConfig {
  if (!config.healthcheck) return config
  const { StartInterval: _later, ...healthcheck } = config.healthcheck
  return { ...config, healthcheck }
}

function withoutPriorities(endpoints: Wanted['endpoints']): Wanted['endpoints'] {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, endpoint]) => [name, { ...endpoint, gatewayPriority: 0 }] as const),
  )
}
