import { failure } from '../../../base/index.ts'
import { type HostConfig, RESTART_POLICIES, type RestartPolicy } from '../../../containers/index.ts'
import type { WindowSize } from '../../../runtime/index.ts'
import {
  adapted,
  type Codec,
  flag,
  int,
  int64,
  list,
  map,
  orElse,
  TypeMismatch,
  text,
  uint,
  words,
} from '../json/codec.ts'
import { embedded, field, optional, record } from '../json/record.ts'
import { mount } from './mount.ts'
import { resources } from './resources.ts'

/** What the wire says; the ports to publish are derived from portBindings. */
export type WireHostConfig = Omit<HostConfig, 'ports'>

const policyName = adapted<string, RestartPolicy['name']>(text, {
  decode(value) {
    const found = RESTART_POLICIES.find((name) => name === (value || 'no'))
    if (found) return found
    const known = `use one of 'no', 'always', 'on-failure', or 'unless-stopped'`
    throw failure('invalid', `invalid restart policy: unknown policy '${value}'; ${known}`)
  },
  encode: (value) => value,
})

export const restartPolicy = record<RestartPolicy>('container.RestartPolicy', {
  name: field('Name', policyName, 'no'),
  maximumRetryCount: field('MaximumRetryCount', int, 0),
})

const portBinding = record<{ hostIp: string; hostPort: string }>('nat.PortBinding', {
  hostIp: field('HostIp', text, ''),
  hostPort: field('HostPort', text, ''),
})

const logConfig = record<HostConfig['logConfig']>('container.LogConfig', {
  type: field('Type', text, ''),
  config: field('Config', map(text), {}),
})

const device = record<HostConfig['devices'][number]>('container.DeviceMapping', {
  pathOnHost: field('PathOnHost', text, ''),
  pathInContainer: field('PathInContainer', text, ''),
  cgroupPermissions: field('CgroupPermissions', text, ''),
})

const ulimit = record<HostConfig['ulimits'][number]>('units.Ulimit', {
  name: field('Name', text, ''),
  hard: field('Hard', int64, 0),
  soft: field('Soft', int64, 0),
})

/** Height and width. */
export const windowSize: Codec<WindowSize> = {
  type: '[2]uint',
  decode(value, place) {
    if (value === null || value === undefined) return undefined
    if (!Array.isArray(value)) throw new TypeMismatch(value, { type: '[2]uint', place })
    const [rows = 0, columns = 0] = value.map((entry: unknown) => uint.decode(entry, place) ?? 0)
    return { rows, columns }
  },
  encode: ({ rows, columns }) => [rows, columns],
}

const nullList = list(text, { empty: 'null' })
const omitMap = map(text, { empty: 'omit' })

/** HostConfig, both ways: in the body of create, and as inspect shows it. */
export const hostConfig = record<WireHostConfig>('container.HostConfig', {
  binds: field('Binds', nullList, []),
  containerIdFile: field('ContainerIDFile', text, ''),
  logConfig: field('LogConfig', logConfig, { type: '', config: {} }),
  networkMode: field('NetworkMode', text, ''),
  portBindings: field('PortBindings', map(orElse(list(portBinding), [])), {}),
  restartPolicy: field('RestartPolicy', restartPolicy, { name: 'no', maximumRetryCount: 0 }),
  autoRemove: field('AutoRemove', flag, false),
  volumeDriver: field('VolumeDriver', text, ''),
  volumesFrom: field('VolumesFrom', nullList, []),
  consoleSize: field('ConsoleSize', windowSize, { rows: 0, columns: 0 }),
  annotations: field('Annotations', omitMap, {}),
  capAdd: field('CapAdd', capabilities(), []),
  capDrop: field('CapDrop', capabilities(), []),
  cgroupnsMode: field('CgroupnsMode', text, ''),
  dns: field('Dns', list(text), []),
  dnsOptions: field('DnsOptions', list(text), []),
  dnsSearch: field('DnsSearch', list(text), []),
  extraHosts: field('ExtraHosts', nullList, []),
  groupAdd: field('GroupAdd', nullList, []),
  ipcMode: field('IpcMode', text, ''),
  links: field('Links', nullList, []),
  oomScoreAdj: field('OomScoreAdj', int, 0),
  pidMode: field('PidMode', text, ''),
  privileged: field('Privileged', flag, false),
  publishAllPorts: field('PublishAllPorts', flag, false),
  readonlyRootfs: field('ReadonlyRootfs', flag, false),
  securityOpt: field('SecurityOpt', nullList, []),
  storageOpt: field('StorageOpt', omitMap, {}),
  tmpfs: field('Tmpfs', omitMap, {}),
  utsMode: field('UTSMode', text, ''),
  usernsMode: field('UsernsMode', text, ''),
  shmSize: field('ShmSize', int64, 0),
  sysctls: field('Sysctls', omitMap, {}),
  runtime: field('Runtime', text, ''),
  isolation: field('Isolation', text, ''),
  cgroupParent: field('CgroupParent', text, ''),
  resources: embedded(resources),
  devices: field('Devices', list(device), []),
  deviceCgroupRules: field('DeviceCgroupRules', nullList, []),
  ulimits: field('Ulimits', list(ulimit), []),
  mounts: field('Mounts', list(mount, { empty: 'omit' }), []),
  maskedPaths: optional('MaskedPaths', list(text), { absent: null }),
  readonlyPaths: optional('ReadonlyPaths', list(text), { absent: null }),
  init: optional('Init', flag),
})

function capabilities(): Codec<readonly string[]> {
  return { ...words(), encode: (value) => (value.length === 0 ? null : value) }
}
