/** `ext4`, `xfs`, `overlay`, `tmpfs`, …; the magic number in hex when it has no name here. */
export declare function filesystemType(path: string): string
