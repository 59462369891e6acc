import type { Readable } from 'node:stream'
import type { AbortOptions, Timestamp } from '../base/index.ts'
import type { Image, ImageId } from '../images/index.ts'
import type { Attachment, Endpoint, PortRequest, PublishedPort } from '../networks/index.ts'
import type { HealthConfig } from '../oci/index.ts'
import type { LogRecord, OutputChunk, ResourceLimits, WindowSize } from '../runtime/index.ts'
import type { Change } from '../store/index.ts'
import type { ExtractOptions, PathStat } from './archive.contract.ts'
import type { CommitRequest } from './commit.contract.ts'
import type { Health } from './health.contract.ts'
import type { ContainerStats, StatsOptions } from './stats.contract.ts'
import type { UpdateRequest } from './update.contract.ts'

/** 64 hex digits. */
export type ContainerId = string & { readonly __brand: 'ContainerId' }

/** What runs: the create request merged with the image's configuration, as inspect shows it. */
export interface ContainerConfig {
  readonly image: string
  readonly hostname: string
  readonly domainname: string
  readonly user: string
  readonly attachStdin: boolean
  readonly attachStdout: boolean
  readonly attachStderr: boolean
  readonly tty: boolean
  readonly openStdin: boolean
  readonly stdinOnce: boolean
  readonly env: readonly string[]
  /** null: not set, as the wire tells null from []. */
  readonly cmd: readonly string[] | null
  readonly entrypoint: readonly string[] | null
  readonly workingDir: string
  readonly labels: Readonly<Record<string, string>>
  /** `80/tcp` */
  readonly exposedPorts: readonly string[]
  /** Mount points that get an anonymous volume. */
  readonly volumes: readonly string[]
  readonly stopSignal: string
  /** Seconds; undefined: the engine's default of 10. */
  readonly stopTimeout: number | undefined
  readonly healthcheck: HealthConfig | undefined
  readonly networkDisabled: boolean
  readonly macAddress: string
  readonly onBuild: readonly string[] | null
  readonly shell: readonly string[] | null
}

export const RESTART_POLICIES = ['no', 'on-failure', 'always', 'unless-stopped'] as const
export interface RestartPolicy {
  readonly name: (typeof RESTART_POLICIES)[number]
  readonly maximumRetryCount: number
}

export interface MountRequest {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image'
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  readonly consistency: string
  readonly bind?: {
    readonly propagation: string
    readonly nonRecursive: boolean
    readonly createMountpoint: boolean
    readonly readOnlyNonRecursive: boolean
    readonly readOnlyForceRecursive: boolean
  }
  readonly volume?: {
    readonly noCopy: boolean
    readonly subpath: string
    readonly labels: Readonly<Record<string, string>>
    readonly driver: string
    readonly driverOptions: Readonly<Record<string, string>>
  }
  readonly tmpfs?: {
    readonly sizeBytes: number
    readonly mode: number
    readonly options: readonly (readonly string[])[]
  }
  readonly image?: { readonly subpath: string }
}

/** How it runs on this host. Fields that Docker has and this engine refuses never get this far. */
export interface HostConfig {
  /** `source:target[:options]` as given. */
  readonly binds: readonly string[]
  readonly mounts: readonly MountRequest[]
  readonly tmpfs: Readonly<Record<string, string>>
  readonly volumesFrom: readonly string[]
  readonly volumeDriver: string
  readonly ports: readonly PortRequest[]
  /** The port bindings exactly as requested, keyed `80/tcp`, as inspect shows them. */
  readonly portBindings: Readonly<Record<string, readonly { readonly hostIp: string; readonly hostPort: string }[]>>
  readonly publishAllPorts: boolean
  /** `bridge`, `host`, `none`, `container:<id>`, or a network's name; `default` is `bridge`. */
  readonly networkMode: string
  readonly restartPolicy: RestartPolicy
  readonly autoRemove: boolean
  readonly privileged: boolean
  readonly readonlyRootfs: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly securityOpt: readonly string[]
  readonly groupAdd: readonly string[]
  readonly dns: readonly string[]
  readonly dnsOptions: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly extraHosts: readonly string[]
  readonly links: readonly string[]
  readonly ipcMode: string
  readonly pidMode: string
  readonly utsMode: string
  readonly usernsMode: string
  readonly cgroupnsMode: string
  readonly cgroupParent: string
  readonly shmSize: number
  readonly sysctls: Readonly<Record<string, string>>
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  readonly oomScoreAdj: number
  readonly init: boolean | undefined
  readonly resources: ResourceLimits
  readonly devices: readonly {
    readonly pathOnHost: string
    readonly pathInContainer: string
    readonly cgroupPermissions: string
  }[]
  readonly deviceCgroupRules: readonly string[]
  readonly logConfig: { readonly type: string; readonly config: Readonly<Record<string, string>> }
  readonly runtime: string
  readonly storageOpt: Readonly<Record<string, string>>
  readonly maskedPaths: readonly string[] | undefined
  readonly readonlyPaths: readonly string[] | undefined
  readonly annotations: Readonly<Record<string, string>>
  readonly consoleSize: WindowSize
  readonly isolation: string
  readonly containerIdFile: string
}

export interface CreateRequest {
  /** Without the leading slash; undefined: one is made up. */
  readonly name: string | undefined
  /** Values as requested; undefined or empty ones are completed from the image. */
  readonly config: ContainerConfig
  readonly host: HostConfig
  /** NetworkingConfig.EndpointsConfig: by network name. */
  readonly attachments: readonly Attachment[]
}

/** A mount as resolved at create: what inspect lists under Mounts. */
export interface MountPoint {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image'
  readonly name?: string
  readonly source: string
  readonly destination: string
  readonly driver?: string
  readonly mode: string
  readonly readWrite: boolean
  readonly propagation: string
  /** The volume was made for this container without a name and goes with `rm -v`. */
  readonly anonymous: boolean
}

/** The states of DESIGN.md, each with the fields that are true then. */
export type ContainerState =
  /** `exit`: the last attempt to start it failed. */
  | { readonly status: 'created'; readonly exit?: Exit }
  /** `finishedAt`: the end of the run before this one. */
  | { readonly status: 'running'; readonly pid: number; readonly startedAt: Timestamp; readonly finishedAt?: Timestamp }
  | { readonly status: 'paused'; readonly pid: number; readonly startedAt: Timestamp; readonly finishedAt?: Timestamp }
  | { readonly status: 'restarting'; readonly startedAt: Timestamp; readonly exit: Exit }
  | { readonly status: 'exited'; readonly startedAt: Timestamp; readonly exit: Exit }
  | { readonly status: 'removing'; readonly startedAt?: Timestamp; readonly exit?: Exit }
  | { readonly status: 'dead'; readonly startedAt?: Timestamp; readonly exit?: Exit }

export interface Exit {
  readonly code: number
  readonly oomKilled: boolean
  readonly at: Timestamp
  /** Why a start failed, in Docker's words; empty otherwise. */
  readonly error: string
}

export interface Container {
  readonly id: ContainerId
  /** Without a slash. */
  readonly name: string
  readonly created: Timestamp
  readonly imageId: ImageId
  readonly config: ContainerConfig
  readonly host: HostConfig
  readonly attachments: readonly Attachment[]
  readonly mounts: readonly MountPoint[]
  readonly state: ContainerState
  /** undefined without a health check, and before the first start. */
  readonly health?: Health | undefined
  readonly restartCount: number
  /** Executable and arguments as they run. */
  readonly path: string
  readonly args: readonly string[]
  /** Files of the container on the host. */
  readonly paths: {
    readonly log: string
    readonly hosts: string
    readonly hostname: string
    readonly resolvConf: string
    readonly upper: string
    readonly merged: string
    readonly work: string
    readonly lowers: readonly string[]
  }
  readonly execIds: readonly string[]
  /** While it runs; the last known ones are not kept. */
  readonly network:
    | {
        readonly netns: string | undefined
        readonly endpoints: readonly Endpoint[]
        readonly ports: readonly PublishedPort[]
      }
    | undefined
}

export interface ContainerEvent {
  readonly action: string
  readonly container: Container
  /** Besides image, name and labels, which the announcer adds. */
  readonly attributes: Readonly<Record<string, string>>
}

export const WAIT_CONDITIONS = ['not-running', 'next-exit', 'removed'] as const
export type WaitCondition = (typeof WAIT_CONDITIONS)[number]

export interface ContainerFilter {
  readonly all: boolean
  /** The newest n, all states. */
  readonly limit?: number
  /** Docker's filters by name, already decoded: id, name, label, status, exited, ancestor, before, since, publish, expose, network, volume, health, is-task. */
  readonly filters: Readonly<Record<string, readonly string[]>>
}

export interface StopOptions extends AbortOptions {
  /** Seconds; undefined: the container's own. */
  readonly timeout?: number
  /** Name or number instead of the container's stop signal. */
  readonly stopSignal?: string
}

export interface LogOptions extends AbortOptions {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly since?: Timestamp
  readonly until?: Timestamp
  readonly tail?: number
  readonly follow: boolean
}

export interface AttachRequest extends AbortOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  /** Live output and input; without it only `logs` is delivered. */
  readonly stream: boolean
  /** Replay what the log holds first. */
  readonly logs: boolean
  /** Detach keys as Docker writes them (`ctrl-p,ctrl-q`); undefined: the default. Effective on a terminal only. */
  readonly detachKeys?: string
}

/** What a client of attach or exec holds. `detached` settles when the detach keys were typed. */
export interface Terminal extends AsyncDisposable {
  readonly output: AsyncIterable<OutputChunk>
  write(data: Uint8Array): Promise<void>
  endInput(): Promise<void>
  readonly detached: Promise<void>
}

export interface ExecRequest {
  readonly cmd: readonly string[]
  readonly env: readonly string[]
  readonly workingDir: string
  readonly user: string
  readonly tty: boolean
  readonly privileged: boolean
  readonly attachStdin: boolean
  readonly attachStdout: boolean
  readonly attachStderr: boolean
  readonly detachKeys?: string
  readonly consoleSize?: WindowSize
}

export interface Exec {
  readonly id: string
  readonly containerId: ContainerId
  readonly request: ExecRequest
  readonly state: 'created' | 'running' | 'exited'
  readonly pid: number
  readonly exitCode: number | undefined
  readonly canRemove: boolean
}

/**
 * Every name argument is a name (with or without slash), an id or a unique id prefix; `not-found`:
 * `No such container: x`. One lock a container; each transition is recorded before it is announced.
 */
export interface Containers {
  /** Makes the next start or exec quick; cheap, and returns at once. To be called as soon as a client comes. */
  prewarm(): void
  create(request: CreateRequest): Promise<{ readonly id: ContainerId; readonly warnings: readonly string[] }>
  find(name: string): Container
  list(filter: ContainerFilter): readonly Container[]
  /** `not-modified` when it runs. `invalid`/`not-found` with exitCode 126/127 when the command cannot run. */
  start(name: string, options?: { readonly detachKeys?: string }): Promise<void>
  /** `not-modified` when it does not run. Stop signal, then SIGKILL after `timeout` seconds (-1: never). */
  stop(name: string, options?: StopOptions): Promise<void>
  restart(name: string, options?: StopOptions): Promise<void>
  /** `invalid` for an unknown signal, `conflict` when it does not run. Returns when the signal is sent, after SIGKILL when it has ended. */
  kill(name: string, signal: string): Promise<void>
  pause(name: string): Promise<void>
  unpause(name: string): Promise<void>
  rename(name: string, to: string): Promise<void>
  /** `conflict` for what does not go with what is set. Gives warnings. */
  update(name: string, request: UpdateRequest): Promise<readonly string[]>
  /** Puts it on one more network, running or not. `forbidden` when it is there, `invalid` where its own network allows none. */
  joinNetwork(name: string, attachment: Attachment): Promise<void>
  leaveNetwork(name: string, network: string): Promise<void>
  /** `conflict` when it runs and not `force`. With `volumes` its anonymous volumes go too. Can be retried. */
  remove(
    name: string,
    options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean },
  ): Promise<void>
  /** The promise settles with the exit code (and error text). Registered when this returns: nothing is missed afterwards. */
  wait(
    name: string,
    condition: WaitCondition,
    options?: AbortOptions,
  ): { readonly result: Promise<{ readonly code: number; readonly error: string }> }
  logs(name: string, options: LogOptions): AsyncIterable<LogRecord>
  attach(name: string, request: AttachRequest): Promise<Terminal>
  resize(name: string, size: WindowSize): Promise<void>
  createExec(name: string, request: ExecRequest): Promise<string>
  /** Undefined for a detached one. `conflict` when it has run already or the container does not run. */
  startExec(
    id: string,
    options: { readonly detach: boolean; readonly tty: boolean; readonly size?: WindowSize } & AbortOptions,
  ): Promise<Terminal | undefined>
  exec(id: string): Exec
  resizeExec(id: string, size: WindowSize): Promise<void>
  /** Processes of the container as `ps` prints them on the host: titles and rows. */
  top(
    name: string,
    psArgs: string,
  ): Promise<{ readonly titles: readonly string[]; readonly processes: readonly (readonly string[])[] }>
  /**
   * Paths begin at the container's root, volumes and binds included; links never lead out of it. `not-found`:
   * `Could not find the file x in container c`.
   */
  statPath(name: string, path: string): Promise<PathStat>
  /** The archive of a file or folder. The caller reads or destroys `content`. */
  packPath(
    name: string,
    path: string,
    options?: AbortOptions,
  ): Promise<{ readonly stat: PathStat; readonly content: Readable }>
  /** Unpacks into a folder: `invalid` for anything else, `forbidden` for one that is read-only in the container. */
  unpackInto(name: string, path: string, options: ExtractOptions): Promise<void>
  stats(name: string, options: StatsOptions): AsyncIterable<ContainerStats>
  /** What the container has changed in the files of its image. What is mounted in it does not count. */
  changes(name: string): Promise<readonly Change[]>
  /** An image of the container's image and what it has changed. `conflict` for one that is being removed. */
  commit(name: string, request: CommitRequest): Promise<Image>
  /** The root filesystem as a tar. */
  export(name: string, options?: AbortOptions): Promise<Readable>
  prune(
    filters: Readonly<Record<string, readonly string[]>>,
  ): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>
  /** Size of the writable layer and of everything. */
  size(name: string): Promise<{ readonly writable: number; readonly root: number }>
  counts(): { readonly running: number; readonly paused: number; readonly stopped: number }
  /** Adopts what runs, records what exited meanwhile, applies restart policies, removes what belongs to nobody. */
  reconcile(): Promise<void>
  /** For images: who uses it. */
  usersOf(image: ImageId): readonly { readonly id: string; readonly running: boolean }[]
  /** For volumes: containers that mount it. */
  usersOfVolume(name: string): readonly string[]
  /** Stops watching. With `stop` the containers are stopped in parallel first, else they go on. */
  close(options: { readonly stop: boolean }): Promise<void>
}
