export interface SpawnOptions {
  /** Absolute path of the program; not looked up in PATH. */
  readonly path: string
  /** Without argv[0]. */
  readonly args: readonly string[]
  /** Default: `path`. */
  readonly argv0?: string
  /** The whole environment, `NAME=value`. */
  readonly env: readonly string[]
  readonly cwd?: string
  /** Child fd number to our fd. 0, 1 and 2 are /dev/null unless given; nothing else is inherited. They stay the caller's. */
  readonly fds: Readonly<Record<number, number>>
  /** setsid(2). */
  readonly newSession?: boolean
}

export interface ChildExit {
  /** Null when a signal ended the process. */
  readonly code: number | null
  readonly signal: number | null
}

export interface ChildProcess {
  readonly pid: number
  /** Never rejects. Does not keep the event loop alive. */
  readonly exited: Promise<ChildExit>
  /** False when the process has been reaped. */
  kill(signal: number): boolean
}

/** Starts a child without copying this process (posix_spawn). Main thread only. Throws `ENOENT`, `EACCES`, … of the exec. */
export declare function spawnProcess(options: SpawnOptions): ChildProcess
/** The same off the event loop: the fds must stay open until it resolves. */
export declare function spawnProcessAsync(options: SpawnOptions): Promise<ChildProcess>
/** Watches and reaps a process that became our child otherwise (see `setSubreaper`). */
export declare function adoptChild(pid: number): ChildProcess
