export interface WindowSize {
  readonly rows: number
  readonly columns: number
}

/** A new pseudo-terminal pair, both close-on-exec. The caller closes both. */
export declare function openPty(): { readonly masterFd: number; readonly slaveFd: number; readonly slavePath: string }
export declare function setWindowSize(fd: number, size: WindowSize): void
/** Resizes the terminal that is standard input of the process. `ENOTTY` when it is none, `ENOENT` when the process is gone. */
export declare function setProcessWindowSize(pid: number, size: WindowSize): void
