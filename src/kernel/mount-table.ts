export interface MountEntry {
  readonly id: number
  readonly parent: number
  /** `major:minor`. */
  readonly device: string
  /** The folder of the filesystem that is mounted. */
  readonly root: string
  readonly target: string
  readonly options: readonly string[]
  readonly propagation: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/** The mounts of this process, in the kernel's order: later ones cover earlier ones. */
export declare function listMounts(): readonly MountEntry[]
/** True when something is mounted exactly on `path`; symbolic links in it are not resolved. */
export declare function isMountPoint(path: string): boolean
/** Decodes /proc/<pid>/mountinfo; lines that are not of its form are left out. */
export declare function parseMountInfo(text: string): readonly MountEntry[]
