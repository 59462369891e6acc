import { failure } from '../../base/index.ts'
import type { CreateValues } from './create-flags.ts'
import { readEnvironment, readLabels } from './key-values.ts'
import { parseMount } from './mounts.ts'
import { normaliseCapability, parseDevice, parseRestartPolicy, parseSecurityOptions, parseUlimits } from './options.ts'
import { parseExpose, parsePortSpec } from './ports.ts'

export interface CreateBody {
  readonly [key: string]: unknown
  readonly HostConfig: Readonly<Record<string, unknown>>
  readonly NetworkingConfig: unknown
}

/** What is attached when the command line does not say: everything, standard input only with `-i`. */
export interface Streams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

export interface CreateInput {
  readonly image: string
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly streams: Streams
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>
}

/** What `-a` names, or all outputs, and standard input with `-i`. */
export function chooseStreams(values: CreateValues): Streams {
  const wanted = new Set(values.attach.map((name) => name.toLowerCase()))
  for (const name of wanted) {
    if (!['stdin', 'stdout', 'stderr'].includes(name)) {
      const why = 'valid streams are STDIN, STDOUT and STDERR'
      throw failure('invalid', `invalid argument ${JSON.stringify(name)} for "-a, --attach" flag: ${why}`)
    }
  }
  if (wanted.size === 0) return { stdin: values.interactive, stdout: true, stderr: true }
  return { stdin: wanted.has('stdin'), stdout: wanted.has('stdout'), stderr: wanted.has('stderr') }
}

/** Turns the flags of `create` and `run` into the body of the create request. `invalid` for what cannot be read. */
export function createBody(values: CreateValues, { image, command, env, streams, given }: CreateInput): CreateBody {
  const { tmpfs, binds, volumes } = sortVolumes(values)
  const ports = values.publish.flatMap(parsePortSpec)
  const exposed = [...ports.map(({ port }) => port), ...values.expose.flatMap(parseExpose)]
  return {
    Hostname: values.hostname,
    Domainname: values.domainname,
    User: values.user,
    AttachStdin: streams.stdin,
    AttachStdout: streams.stdout,
    AttachStderr: streams.stderr,
    ExposedPorts: exposed.length > 0 ? emptyObjects(exposed) : undefined,
    Tty: values.tty,
    OpenStdin: values.interactive,
    StdinOnce: values.interactive && streams.stdin,
    Env: readEnvironment({ files: values['env-file'], entries: values.env, env }),
    Cmd: command.length > 0 ? command : null,
    Image: image,
    Volumes: emptyObjects(volumes),
    WorkingDir: values.workdir,
    // An entrypoint given as nothing takes the image's away.
    Entrypoint: given.has('entrypoint') ? [values.entrypoint] : null,
    Labels: readLabels({ files: values['label-file'], entries: values.label }),
    StopSignal: values['stop-signal'],
    StopTimeout: values['stop-timeout'],
    Healthcheck: healthcheck(values),
    HostConfig: { ...hostConfig(values), Binds: binds, Tmpfs: tmpfs, PortBindings: portBindings(ports) },
    NetworkingConfig: networkingConfig(values),
  }
}

function hostConfig(values: CreateValues): Record<string, unknown> {
  const security = parseSecurityOptions(values['security-opt'])
  return {
    ContainerIDFile: values.cidfile,
    NetworkMode: values.network[0] ?? 'default',
    RestartPolicy: parseRestartPolicy(values.restart),
    AutoRemove: values.rm,
    VolumeDriver: values['volume-driver'],
    VolumesFrom: values['volumes-from'],
    ConsoleSize: values.tty ? [process.stdout.rows ?? 0, process.stdout.columns ?? 0] : [0, 0],
    Annotations: readLabels({ files: [], entries: values.annotation }),
    CapAdd: values['cap-add'].map(normaliseCapability),
    CapDrop: values['cap-drop'].map(normaliseCapability),
    CgroupnsMode: values.cgroupns,
    Dns: values.dns,
    DnsOptions: values['dns-option'],
    DnsSearch: values['dns-search'],
    ExtraHosts: values['add-host'],
    GroupAdd: values['group-add'],
    IpcMode: values.ipc,
    Links: values.link,
    OomScoreAdj: values['oom-score-adj'],
    PidMode: values.pid,
    Privileged: values.privileged,
    PublishAllPorts: values['publish-all'],
    ReadonlyRootfs: values['read-only'],
    SecurityOpt: security.options,
    ...(security.unmasked ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
    StorageOpt: readLabels({ files: [], entries: values['storage-opt'] }),
    UTSMode: values.uts,
    UsernsMode: values.userns,
    ShmSize: values['shm-size'],
    Sysctls: readLabels({ files: [], entries: values.sysctl }),
    Runtime: values.runtime,
    Isolation: values.isolation,
    LogConfig: { Type: values['log-driver'], Config: readLabels({ files: [], entries: values['log-opt'] }) },
    Init: values.init,
    Mounts: values.mount.map(parseMount),
    ...resources(values),
  }
}

function resources(values: CreateValues): Record<string, unknown> {
  return {
    Memory: values.memory,
    MemoryReservation: values['memory-reservation'],
    MemorySwap: values['memory-swap'],
    MemorySwappiness: values['memory-swappiness'],
    NanoCpus: values.cpus,
    CgroupParent: values['cgroup-parent'],
    CpuPeriod: values['cpu-period'],
    CpuQuota: values['cpu-quota'],
    CpuShares: values['cpu-shares'],
    CpusetCpus: values['cpuset-cpus'],
    CpusetMems: values['cpuset-mems'],
    PidsLimit: values['pids-limit'],
    OomKillDisable: values['oom-kill-disable'],
    Devices: values.device.map(parseDevice),
    DeviceCgroupRules: values['device-cgroup-rule'],
    Ulimits: parseUlimits(values.ulimit),
  }
}

function healthcheck(values: CreateValues): unknown {
  if (values['no-healthcheck']) return { Test: ['NONE'] }
  const config = {
    Test: values['health-cmd'] ? ['CMD-SHELL', values['health-cmd']] : undefined,
    Interval: values['health-interval'] || undefined,
    Timeout: values['health-timeout'] || undefined,
    StartPeriod: values['health-start-period'] || undefined,
    StartInterval: values['health-start-interval'] || undefined,
    Retries: values['health-retries'] || undefined,
  }
  return Object.values(config).some((value) => value !== undefined) ? config : undefined
}

/** `-v` values: with a source they are binds, without one they ask for an anonymous volume. */
function sortVolumes(values: CreateValues): {
  tmpfs: Record<string, string>
  binds: readonly string[]
  volumes: readonly string[]
} {
  const entries = values.tmpfs.map((text): [string, string] => {
    const [target = '', ...options] = text.split(':')
    return [target, options.join(':')]
  })
  return {
    tmpfs: Object.fromEntries(entries),
    binds: values.volume.filter((text) => text.includes(':')).map(resolveSource),
    volumes: values.volume.filter((text) => !text.includes(':')),
  }
}

/** The daemon knows absolute paths only: `./x` and `~/x` belong to this process. */
function resolveSource(text: string): string {
  const [source = '', ...rest] = text.split(':')
  if (!source.startsWith('.')) return text
  return [new URL(`${source}/`, `file://${process.cwd()}/`).pathname.replace(/\/$/, '') || '/', ...rest].join(':')
}

function portBindings(
  ports: readonly { readonly port: string; readonly hostIp: string; readonly hostPort: string }[],
): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const { port, hostIp, hostPort } of ports) {
    bindings[port] ??= []
    bindings[port].push({ HostIp: hostIp, HostPort: hostPort })
  }
  return bindings
}

function networkingConfig(values: CreateValues): unknown {
  const [network = 'default'] = values.network
  const own = values.ip || values.ip6 || values['mac-address'] || values['network-alias'].length > 0
  const entries =
    values.network.length > 0 || own ? values.network.concat(values.network.length === 0 ? [network] : []) : []
  if (entries.some((name) => name.includes('='))) {
    throw failure('invalid', `invalid network ${JSON.stringify(network)}: give the name alone`)
  }
  const settings = {
    IPAMConfig: values.ip || values.ip6 ? { IPv4Address: values.ip, IPv6Address: values.ip6 } : undefined,
    Aliases: values['network-alias'],
    Links: values.link,
    MacAddress: values['mac-address'],
  }
  return { EndpointsConfig: Object.fromEntries(entries.map((name, at) => [name, at === 0 ? settings : {}])) }
}

function emptyObjects(names: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(names.map((name) => [name, {}]))
}
