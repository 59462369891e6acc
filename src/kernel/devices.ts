import type { Path } from './xattrs.ts'

/** mknod(2). The process umask applies. */
export declare function makeNode(
  path: Path,
  options: {
    /** With the S_IF* type. */
    readonly mode: number
    readonly major?: number
    readonly minor?: number
  },
): void
/** Takes apart `rdev` or `dev` of a stat. */
export declare function splitDevice(device: number): { readonly major: number; readonly minor: number }
/** The other way round. */
export declare function joinDevice(device: { readonly major: number; readonly minor: number }): bigint
