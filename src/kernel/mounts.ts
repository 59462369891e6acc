export const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

export interface MountOptions {
  readonly source: string
  readonly target: string
  readonly type?: string
  /** MS_* bits of mount(2). */
  readonly flags?: number
  readonly data?: string
}

export interface BindMountOptions {
  readonly source: string
  readonly target: string
  readonly recursive?: boolean
  /** The top mount alone becomes read-only unless `recursive` is set too. */
  readonly readonly?: boolean
  readonly propagation?: Propagation
}

export interface UnmountOptions {
  /** MNT_DETACH: gone from the tree at once, released when the last user is. */
  readonly detach?: boolean
}

/** mount(2). */
export declare function mount(options: MountOptions): void
/** Binds `source` on `target`; both exist. Nothing is left mounted when it fails. */
export declare function bindMount(options: BindMountOptions): void
/** Unmounts off the event loop. A target that is absent or not a mount point is no error. */
export declare function unmount(target: string, options?: UnmountOptions): Promise<void>
/** The same, blocking: for targets that hold no dirty data. */
export declare function unmountSync(target: string, options?: UnmountOptions): void
/** Writes out all dirty data of the filesystem that holds `path`, off the event loop. */
export declare function syncFilesystem(path: string): Promise<void>
