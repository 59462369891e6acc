import type { Clock, Log } from '../base/index.ts'
import type { Cgroups } from '../kernel/index.ts'
import type { RuntimeProcess, RuntimeSpec } from '../oci/index.ts'
import type { ReadLog, Runtime, WindowSize } from './contract.ts'
import type { SpecInput } from './spec-input.ts'

export type {
  AttachOptions,
  AttachSession,
  ExecOptions,
  ExecProcess,
  ExitStatus,
  LogQuery,
  LogRecord,
  OutputChunk,
  ReadLog,
  Runtime,
  StreamName,
  Task,
  TaskOptions,
  WindowSize,
} from './contract.ts'
export { STREAMS } from './contract.ts'
export type { ResourceLimits, SpecInput } from './spec-input.ts'

export interface RuntimeOptions {
  readonly execRoot: string
  /** OCI runtimes by name; `crun` must be among them and is the default. */
  readonly runtimes: Readonly<Record<string, string>>
  readonly conmonPath: string
  readonly cgroups: Cgroups
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds without progress after which a reader no longer holds a container back. Default 10 000. */
  readonly stallLimit?: number
}

export interface ImageUser {
  readonly uid: number
  readonly gid: number
  readonly additionalGids: readonly number[]
  /** The home folder of passwd; `/` when there is no entry. */
  readonly home: string
}

export interface ExecProcessInput {
  /** The configuration of the running container. */
  readonly spec: RuntimeSpec
  readonly args: readonly string[]
  /** Added to the container's environment, winning over it. */
  readonly env: readonly string[]
  /** Empty: the container's. */
  readonly cwd: string
  /** Empty: the container's. */
  readonly user: string
  readonly groupAdd: readonly string[]
  readonly terminal: boolean
  readonly size?: WindowSize
  readonly privileged: boolean
}

export declare function createRuntime(options: RuntimeOptions): Promise<Runtime>
export declare function buildSpec(input: SpecInput): RuntimeSpec
export declare function buildExecProcess(input: ExecProcessInput): RuntimeProcess
export declare function lookupUser(rootfs: string, user: string, groupAdd: readonly string[]): ImageUser
export declare const readLog: ReadLog
export declare const DEFAULT_CAPABILITIES: readonly string[]
