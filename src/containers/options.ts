import type { Clock, Database, Log } from '../base/index.ts'
import type { Images } from '../images/index.ts'
import type { Networks } from '../networks/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Store } from '../store/index.ts'
import type { Volumes } from '../volumes/index.ts'
import type { ContainerEvent } from './contract.ts'

/** What a container gets when its create request does not say. */
export interface ContainerDefaults {
  /** Seconds between the stop signal and SIGKILL. */
  readonly stopTimeout: number
  readonly shmSize: number
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  readonly runtime: string
  readonly ipcMode: 'private' | 'shareable'
  readonly cgroupnsMode: 'private' | 'host'
  readonly init: boolean
  /** Empty: the first of docker-init, tini and catatonit that the host has. */
  readonly initPath: string
  readonly dns: readonly string[]
  readonly dnsOptions: readonly string[]
  readonly dnsSearch: readonly string[]
}

export interface ContainersOptions {
  readonly db: Database
  readonly store: Store
  readonly images: Images
  readonly networks: Networks
  readonly volumes: Volumes
  readonly runtime: Runtime
  /** Names of the registered OCI runtimes. */
  readonly runtimes: ReadonlySet<string>
  /** Called synchronously, after the change has been recorded. */
  readonly events: (event: ContainerEvent) => void
  readonly clock: Clock
  readonly log: Log
  /** Holds `containers/<id>/`. */
  readonly dataRoot: string
  readonly execRoot: string
  /** Parent of all cgroups, such as `/slipway`; a request may name another. */
  readonly cgroupParent: string
  readonly defaults: ContainerDefaults
}
