import { formatTimestamp, shortId, type Timestamp } from '../../../base/index.ts'
import type { Container, MountPoint } from '../../../containers/index.ts'
import type {
  ContainerConfig,
  ContainerInspect,
  ContainerSummary,
  HostConfig,
  MountPoint as WireMountPoint,
} from '../../types/index.ts'
import { atLeast } from '../http/version.ts'
import { containerConfig } from './container-config.ts'
import { encodeEndpoints, encodeNetworkSettings, listPorts, type NetworkLookup } from './container-network.ts'
import { describeState, encodeState } from './container-state.ts'
import { hostConfig } from './host-config.ts'

export interface EncodeOptions {
  readonly version: string
  readonly networks: NetworkLookup
  /** Filled in only when the client asked for it. */
  readonly size?: { readonly writable: number; readonly root: number } | undefined
}

/** One entry of `GET /containers/json`. `image` is the name it was made from, or the id when that names another now. */
export function encodeSummary(
  container: Container,
  options: EncodeOptions & { readonly now: Timestamp; readonly image: string },
): ContainerSummary {
  const { id, name, created, imageId, config, host, state } = container
  const { networkMode, annotations } = host
  const { size, version } = options
  return {
    Id: id,
    Names: [`/${name}`],
    Image: options.image,
    ImageID: imageId,
    Command: commandLine(container),
    Created: Number(created / 1_000_000_000n),
    Ports: listPorts(container),
    ...(size && encodeSize(size)),
    Labels: config.labels,
    State: state.status,
    Status: describeState(container, options.now),
    HostConfig: {
      NetworkMode: networkMode,
      ...(atLeast(version, '1.46') && Object.keys(annotations).length > 0 && { Annotations: annotations }),
    },
    NetworkSettings: { Networks: encodeEndpoints(container, options.networks) },
    Mounts: container.mounts.map(encodeMountPoint),
  }
}

/** `GET /containers/{id}/json`. */
export function encodeInspect(container: Container, options: EncodeOptions): ContainerInspect {
  const { id, name, created, path, args, imageId, paths, restartCount, execIds, network } = container
  const settings = encodeNetworkSettings(container, options.networks)
  return {
    Id: id,
    Created: formatTimestamp(created),
    Path: path,
    Args: args,
    State: encodeState(container),
    Image: imageId,
    ResolvConfPath: paths.resolvConf,
    HostnamePath: paths.hostname,
    HostsPath: paths.hosts,
    LogPath: paths.log,
    Name: `/${name}`,
    RestartCount: restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: execIds.length > 0 ? execIds : null,
    HostConfig: encodeHostConfig(container),
    GraphDriver: {
      Name: 'overlay2',
      Data: {
        ID: id,
        LowerDir: paths.lowers.join(':'),
        MergedDir: paths.merged,
        UpperDir: paths.upper,
        WorkDir: paths.work,
      },
    },
    ...(options.size && { SizeRw: options.size.writable, SizeRootFs: options.size.root }),
    Mounts: container.mounts.map(encodeMountPoint),
    Config: containerConfig.encode(container.config) as ContainerConfig,
    NetworkSettings:
      network && !atLeast(options.version, '1.45')
        ? { ...settings, Networks: withAliases(container, settings) }
        : settings,
  }
}

/** Before 1.45 the names that a container has anyway were told among its aliases. */
function withAliases({ id, config }: Container, { Networks }: ContainerInspect['NetworkSettings']) {
  const names = [shortId(id), config.hostname].filter((name) => name !== '')
  return Object.fromEntries(
    Object.entries(Networks).map(([name, endpoint]) => {
      const isOwn = !['bridge', 'host', 'none'].includes(name)
      return [name, isOwn ? { ...endpoint, Aliases: [...new Set([...(endpoint.Aliases ?? []), ...names])] } : endpoint]
    }),
  )
}

/** Fields of Docker's HostConfig that are the same for every container here. */
const FIXED = {
  Cgroup: '',
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  DeviceRequests: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
}

function encodeHostConfig({ host }: Container): HostConfig {
  return { ...FIXED, ...(hostConfig.encode(host) as Omit<HostConfig, keyof typeof FIXED>) }
}

function encodeMountPoint(mount: MountPoint): WireMountPoint {
  return {
    Type: mount.type,
    ...(mount.name !== undefined && { Name: mount.name }),
    Source: mount.source,
    Destination: mount.destination,
    ...(mount.driver !== undefined && { Driver: mount.driver }),
    Mode: mount.mode,
    RW: mount.readWrite,
    Propagation: mount.propagation,
  }
}

/** In lists Docker leaves a size of nothing out. */
function encodeSize({ writable, root }: { readonly writable: number; readonly root: number }) {
  return { ...(writable > 0 && { SizeRw: writable }), ...(root > 0 && { SizeRootFs: root }) }
}

function commandLine({ path, args }: Container): string {
  return [path, ...args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg))].join(' ')
}
