/**
 * The calling worker thread's own root folder and umask. Holds for synchronous calls of this thread alone: async fs
 * runs on the thread pool, in the host's root.
 */
export interface ThreadRoot {
  /** From now on absolute paths, `..` and symbolic links end inside the folder. Nesting is refused. */
  enter(directoryFd: number): void
  /** Back to the root the thread was born with. Idempotent. */
  leave(): void
}

/** Separates this worker from the process's root, working folder and umask (now 0). Throws on the main thread. */
export declare function confineThread(): ThreadRoot
