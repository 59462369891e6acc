/** A path as text or as the very bytes on disk. */
export type Path = string | Buffer

export interface FollowOption {
  /** Follow a symbolic link at the end of the path. Default: the link itself is meant. */
  readonly follow?: boolean
}

/** Undefined when the file has no such attribute or its filesystem none at all. */
export declare function getXattr(path: Path, name: string, options?: FollowOption): Buffer | undefined
export declare function setXattr(path: Path, name: string, value: Uint8Array): void
/** Empty where the filesystem has no attributes. Names that are not UTF-8 are left out. */
export declare function listXattrs(path: Path): string[]
/** Absent is fine. */
export declare function removeXattr(path: Path, name: string): void
