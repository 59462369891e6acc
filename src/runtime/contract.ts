import type { AbortOptions, Timestamp } from '../base/index.ts'
import type { RuntimeProcess, RuntimeResources, RuntimeSpec } from '../oci/index.ts'

export interface WindowSize {
  readonly rows: number
  readonly columns: number
}

export const STREAMS = ['stdout', 'stderr'] as const
export type StreamName = (typeof STREAMS)[number]

/** A piece of output in the order in which it arrived. Data of a terminal is all `stdout`. */
export interface OutputChunk {
  readonly stream: StreamName
  readonly data: Buffer
}

export interface ExitStatus {
  /** The process's own code, or 128 + n when signal n ended it. */
  readonly code: number
  readonly oomKilled: boolean
  readonly at: Timestamp
}

/** Limits of a log, kept while a daemon runs. A file can be a little larger than its limit. */
export interface LogRotation {
  /** Bytes of one file, with the time and stream of each line. */
  readonly maxSize: number
  /** How many files there are at most, at least one. */
  readonly maxFiles: number
}

export interface TaskOptions {
  readonly spec: RuntimeSpec
  readonly terminal: boolean
  /** Keep a pipe to standard input, as `-i` wants. */
  readonly stdin: boolean
  /** Close standard input when the first attached client has ended its side (Docker's StdinOnce). */
  readonly stdinOnce: boolean
  /** The log file; created when absent, appended to otherwise. Undefined: output goes to attached clients only. */
  readonly logPath: string | undefined
  /** Undefined: the log grows without end. */
  readonly logRotation?: LogRotation | undefined
  /** `crun` unless another OCI runtime was registered under this name. */
  readonly runtime?: string
  /** The cgroup of the container, equal to spec.linux.cgroupsPath. */
  readonly cgroup: string
  /** fds inherited by conmon alone, such as reserved ports: they live as long as the container. The caller closes its own. */
  readonly keepFds?: readonly number[]
}

/** Counters of the kernel since the task was made, times in nanoseconds. */
export interface TaskStats {
  readonly cgroupVersion: '1' | '2'
  readonly cpu: CpuStats
  readonly memory: MemoryStats
  /** undefined: no limit. */
  readonly pids: { readonly current: bigint; readonly limit: bigint | undefined }
  readonly blocks: { readonly bytes: readonly BlockCounter[]; readonly operations: readonly BlockCounter[] }
  /** Of the task's network namespace, whosever that is, by interface; without the loopback. */
  readonly networks: ReadonlyMap<string, NetworkCounters>
}

export interface CpuStats {
  readonly total: bigint
  readonly user: bigint
  readonly kernel: bigint
  readonly perCpu: readonly bigint[] | undefined
  readonly periods: bigint
  readonly throttledPeriods: bigint
  readonly throttledTime: bigint
}

export interface MemoryStats {
  readonly usage: bigint
  readonly maxUsage: bigint | undefined
  /** That of the machine when there is none. */
  readonly limit: bigint
  readonly failures: bigint
  /** memory.stat */
  readonly details: ReadonlyMap<string, bigint>
}

/** One line of the block layer's statistics: how much of `op` a device has done. */
export interface BlockCounter {
  readonly major: bigint
  readonly minor: bigint
  readonly op: string
  readonly value: bigint
}

export interface NetworkCounters {
  readonly receive: DirectionCounters
  readonly transmit: DirectionCounters
}

interface DirectionCounters {
  readonly bytes: bigint
  readonly packets: bigint
  readonly errors: bigint
  readonly dropped: bigint
}

/** What all processors of the host have spent, idle time included, in nanoseconds. */
export interface HostCpu {
  readonly time: bigint
  readonly online: number
}

/**
 * The process of one container. Made by `create` (conmon and crun have run, the process waits in exec.fifo) or by
 * `adopt` after a restart of the daemon. The daemon may die at any moment: the process, its log and its exit status
 * do not depend on it.
 */
export interface Task {
  readonly id: string
  readonly pid: number
  /** Lets the process run. `invalid` with exitCode 126 or 127 when the command cannot be executed. */
  start(): Promise<void>
  /** Sends a signal to the init process; false when it has already gone. */
  kill(signal: number): boolean
  /** Settles once: when the exit file is there and everything written has reached the log. Never rejects. */
  readonly exited: Promise<ExitStatus>
  /** Output from this moment on (from the very first byte when called before start). Ends after the exit. */
  attach(options: AttachOptions): Promise<AttachSession>
  resize(size: WindowSize): void
  exec(options: ExecOptions): Promise<ExecProcess>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Changes limits while it runs; a limit of processes of 0 and less takes it away. `invalid` when that cannot be. */
  update(resources: RuntimeResources): Promise<void>
  /** What it uses; undefined when it has ended. */
  stats(): TaskStats | undefined
  /** Process ids of the cgroup, as the host sees them. */
  processes(): readonly number[]
  /** After the exit: removes cgroups, runtime state, sockets and bundle. Idempotent. */
  delete(): Promise<void>
}

export interface AttachOptions extends AbortOptions {
  readonly output: boolean
  readonly stdin: boolean
}

/**
 * One client of a container's stdio. A slow reader holds the container back as a slow terminal would, up to a limit
 * without any progress; then it goes on reading from the log and nobody waits for it any more.
 */
export interface AttachSession extends AsyncDisposable {
  /** Ends after the exit of the process, when all of its output has been read. */
  readonly output: AsyncIterable<OutputChunk>
  /** Resolves when conmon has taken the bytes. `conflict` when there is no standard input. */
  write(data: Uint8Array): Promise<void>
  /** End of this client's input; closes the container's standard input when the task was made with `stdinOnce`. */
  endInput(): Promise<void>
}

export interface ExecOptions {
  readonly process: RuntimeProcess
  readonly stdin: boolean
  readonly output: boolean
  readonly size?: WindowSize
}

/** A further process in a container. A child of the daemon: it does not survive it. */
export interface ExecProcess extends AsyncDisposable {
  readonly pid: number
  readonly output: AsyncIterable<OutputChunk>
  write(data: Uint8Array): Promise<void>
  endInput(): Promise<void>
  resize(size: WindowSize): void
  kill(signal: number): boolean
  /** The process's own code or 128 + n. Never rejects. */
  readonly exited: Promise<number>
}

export interface Runtime {
  /** `invalid` with exitCode 126/127 and Docker's text when the command is missing or not executable. */
  create(id: string, options: TaskOptions): Promise<Task>
  /** Finds what an earlier daemon left: a running task, or one that exited meanwhile (then `exited` settles at once). */
  adopt(
    id: string,
    options: Pick<TaskOptions, 'terminal' | 'stdin' | 'stdinOnce' | 'logPath' | 'logRotation' | 'cgroup'>,
  ): Promise<Task | undefined>
  /** Ids that have a bundle, state or cgroup on this host under our exec-root. */
  leftovers(): readonly string[]
  /** Removes whatever a dead task left: processes are killed first. Idempotent. */
  purge(id: string, options: { readonly cgroup: string }): Promise<void>
  /** Starts work that makes the next create or exec fast (cgroup lock); returns at once. Called when a request arrives. */
  prewarm(): void
  /** Ids with a finished exec.fifo etc. do not matter here: stops watching; running tasks stay. */
  close(): Promise<void>
}

/** How `docker logs` reads. */
export interface LogQuery extends AbortOptions {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly since?: Timestamp
  readonly until?: Timestamp
  /** Number of last lines; undefined is all. */
  readonly tail?: number
  /** Keeps following until `ended` settles and the file is read to its end. */
  readonly follow?: { readonly ended: Promise<unknown> }
}

/** One write of the container, or a part of a long line: `partial` pieces up to one with false make a line. */
export interface LogRecord {
  readonly time: Timestamp
  readonly stream: StreamName
  readonly data: Buffer
  readonly partial: boolean
}

export type ReadLog = (path: string, query: LogQuery) => AsyncIterable<LogRecord>
