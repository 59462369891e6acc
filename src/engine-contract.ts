import type { Clock, EventLog, Timestamp } from './base/index.ts'
import type { Containers } from './containers/index.ts'
import type { Images } from './images/index.ts'
import type { Networks } from './networks/index.ts'
import type { RegistryClient } from './registry/client/index.ts'
import type { Store } from './store/index.ts'
import type { Volumes } from './volumes/index.ts'

/** Everything the composition root made, for whoever sits above: the HTTP server, or a program that embeds the engine. */
export interface Engine {
  readonly containers: Containers
  readonly images: Images
  readonly networks: Networks
  readonly volumes: Volumes
  readonly store: Store
  readonly registry: RegistryClient
  readonly events: EventLog
  readonly clock: Clock
  readonly facts: EngineFacts
}

/** What this engine is and what its host can do. Values are taken when the engine starts; functions answer now. */
export interface EngineFacts {
  /** A UUID, made once for each data root. */
  readonly id: string
  /** The host's name. */
  readonly name: string
  readonly version: string
  readonly gitCommit: string
  /** RFC 3339; empty when it is not a built package. */
  readonly buildTime: string
  readonly startedAt: Timestamp
  readonly dataRoot: string
  readonly execRoot: string
  /** Type of the filesystem under the data root: `ext4`. */
  readonly backingFilesystem: string
  readonly kernelVersion: string
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly osName: string
  /** `12` */
  readonly osVersion: string
  /** As uname says: `x86_64`. */
  readonly architecture: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly cgroupVersion: '1' | '2'
  readonly cgroupDriver: 'cgroupfs' | 'systemd'
  /** Path of each OCI runtime by name. */
  readonly runtimes: Readonly<Record<string, string>>
  readonly defaultRuntime: string
  /** Versions of the programs the engine runs, such as `{ name: 'crun', version: '1.8.1' }`. */
  readonly components: readonly { readonly name: string; readonly version: string }[]
  readonly initBinary: string
  readonly capabilities: EngineCapabilities
  /** As Docker writes them: `name=seccomp,profile=builtin`, `name=cgroupns`. */
  readonly securityOptions: readonly string[]
  readonly defaultAddressPools: readonly { readonly base: string; readonly size: number }[]
  readonly loggingDriver: string
  readonly logDrivers: readonly string[]
  readonly labels: readonly string[]
  readonly liveRestore: boolean
  readonly experimental: boolean
  readonly registryMirrors: readonly string[]
  readonly insecureRegistries: readonly string[]
  /** Without credentials. */
  readonly proxies: { readonly http: string; readonly https: string; readonly no: string }
  readonly debug: () => boolean
  /** One line for each thing a person should know, starting with `WARNING: `. */
  readonly warnings: () => readonly string[]
}

/** Which limits the host's kernel and cgroups can hold. */
export interface EngineCapabilities {
  readonly memoryLimit: boolean
  readonly swapLimit: boolean
  readonly kernelMemoryTcp: boolean
  readonly oomKillDisable: boolean
  readonly cpuCfsPeriod: boolean
  readonly cpuCfsQuota: boolean
  readonly cpuShares: boolean
  readonly cpuSet: boolean
  readonly pidsLimit: boolean
  readonly ipv4Forwarding: boolean
}
