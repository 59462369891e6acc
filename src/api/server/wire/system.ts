import { readdirSync } from 'node:fs'
import { formatTimestamp } from '../../../base/index.ts'
import type { Engine, EngineFacts } from '../../../engine-contract.ts'
import type { Info, RegistryConfig, Version } from '../../types/index.ts'
import { atLeast, NEWEST_VERSION, OLDEST_VERSION } from '../http/version.ts'

/** Go's names of processors, as clients compare them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

/** `GET /version`. */
export function encodeVersion({ facts }: Pick<Engine, 'facts'>): Version {
  const { version, gitCommit, buildTime, kernelVersion, experimental } = facts
  const arch = ARCHITECTURES[facts.architecture] ?? facts.architecture
  const engine = {
    Name: 'Engine',
    Version: version,
    Details: {
      ApiVersion: NEWEST_VERSION,
      Arch: arch,
      BuildTime: buildTime,
      Experimental: String(experimental),
      GitCommit: gitCommit,
      GoVersion: process.version,
      KernelVersion: kernelVersion,
      MinAPIVersion: OLDEST_VERSION,
      Os: 'linux',
    },
  }
  return {
    Platform: { Name: 'Slipway' },
    Components: [engine, ...facts.components.map(({ name, version }) => ({ Name: name, Version: version }))],
    Version: version,
    ApiVersion: NEWEST_VERSION,
    MinAPIVersion: OLDEST_VERSION,
    GitCommit: gitCommit,
    GoVersion: process.version,
    Os: 'linux',
    Arch: arch,
    KernelVersion: kernelVersion,
    ...(experimental && { Experimental: true }),
    BuildTime: buildTime,
  }
}

/** `GET /info`. `listeners` are the clients that follow the events. */
export function encodeInfo(
  { facts, containers, images, clock }: Engine,
  { version, listeners }: { readonly version: string; readonly listeners: number },
): Info {
  const { running, paused, stopped } = containers.counts()
  const warnings = facts.warnings()
  return {
    ID: facts.id,
    Containers: running + paused + stopped,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: stopped,
    Images: images.list({ all: true }).length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', facts.backingFilesystem],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: { Volume: ['local'], Network: ['bridge', 'host', 'null'], Authorization: null, Log: facts.logDrivers },
    ...encodeCapabilities(facts),
    Debug: facts.debug(),
    NFd: readdirSync('/proc/self/fd').length,
    NGoroutines: 0,
    SystemTime: formatTimestamp(clock.now()),
    LoggingDriver: facts.loggingDriver,
    NEventsListener: listeners,
    ...encodeHost(facts),
    ...encodeSettings(facts, version),
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    Warnings: warnings.length > 0 ? warnings : null,
  }
}

function encodeCapabilities({ capabilities: able, cgroupDriver, cgroupVersion }: EngineFacts) {
  return {
    MemoryLimit: able.memoryLimit,
    SwapLimit: able.swapLimit,
    ...(able.kernelMemoryTcp && { KernelMemoryTCP: true }),
    CpuCfsPeriod: able.cpuCfsPeriod,
    CpuCfsQuota: able.cpuCfsQuota,
    CPUShares: able.cpuShares,
    CPUSet: able.cpuSet,
    PidsLimit: able.pidsLimit,
    IPv4Forwarding: able.ipv4Forwarding,
    OomKillDisable: able.oomKillDisable,
    CgroupDriver: cgroupDriver,
    CgroupVersion: cgroupVersion,
  }
}

function encodeHost(facts: EngineFacts) {
  return {
    KernelVersion: facts.kernelVersion,
    OperatingSystem: facts.osName,
    OSVersion: facts.osVersion,
    OSType: 'linux',
    Architecture: facts.architecture,
    NCPU: facts.cpus,
    MemTotal: facts.memoryBytes,
    GenericResources: null,
    Name: facts.name,
  }
}

/** What the daemon was told, with the fields that came and went with the API's versions. */
function encodeSettings(facts: EngineFacts, version: string) {
  const commit = { ID: 'N/A', ...(!atLeast(version, '1.49') && { Expected: 'N/A' }) }
  const status = atLeast(version, '1.44') ? { status: {} } : {}
  return {
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: encodeRegistries(facts, version),
    DockerRootDir: facts.dataRoot,
    HttpProxy: facts.proxies.http,
    HttpsProxy: facts.proxies.https,
    NoProxy: facts.proxies.no,
    Labels: facts.labels,
    ExperimentalBuild: facts.experimental,
    ServerVersion: facts.version,
    Runtimes: Object.fromEntries(Object.entries(facts.runtimes).map(([name, path]) => [name, { path, ...status }])),
    DefaultRuntime: facts.defaultRuntime,
    LiveRestoreEnabled: facts.liveRestore,
    Isolation: '',
    InitBinary: facts.initBinary,
    ContainerdCommit: commit,
    RuncCommit: commit,
    InitCommit: commit,
    SecurityOptions: atLeast(version, '1.25') ? facts.securityOptions : facts.securityOptions.map(securityName),
    ...(facts.defaultAddressPools.length > 0 && {
      DefaultAddressPools: facts.defaultAddressPools.map(({ base, size }) => ({ Base: base, Size: size })),
    }),
    ...(atLeast(version, '1.49') && { FirewallBackend: { Driver: 'nftables' } }),
    CDISpecDirs: [],
    ...(!atLeast(version, '1.50') && { BridgeNfIptables: false, BridgeNfIp6tables: false }),
  }
}

function encodeRegistries(facts: EngineFacts, version: string): RegistryConfig {
  const isRange = (entry: string): boolean => entry.includes('/')
  const mirrors = facts.registryMirrors.map((mirror) => mirror.replace(/\/*$/, '/'))
  const hub = { Name: 'docker.io', Mirrors: mirrors, Secure: true, Official: true }
  const insecure = facts.insecureRegistries.filter((entry) => !isRange(entry))
  return {
    ...(!atLeast(version, '1.47') && {
      AllowNondistributableArtifactsCIDRs: null,
      AllowNondistributableArtifactsHostnames: null,
    }),
    InsecureRegistryCIDRs: [...facts.insecureRegistries.filter(isRange), '::1/128', '127.0.0.0/8'],
    IndexConfigs: Object.fromEntries([
      ['docker.io', hub],
      ...insecure.map((name) => [name, { Name: name, Mirrors: [], Secure: false, Official: false }]),
    ]),
    Mirrors: mirrors.length > 0 ? mirrors : null,
  }
}

/** `name=seccomp,profile=builtin` was just `seccomp` before 1.25. */
function securityName(option: string): string {
  return /(?:^|,)name=([^,]+)/.exec(option)?.[1] ?? option
}
