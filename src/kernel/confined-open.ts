export interface ConfinedOpenOptions {
  /** O_* bits; O_CLOEXEC is added. */
  readonly flags: number
  readonly mode?: number
  /**
   * `in-root`: the folder is the root, links and `..` end inside it. `beneath`: whatever leads out is `EXDEV`.
   * `no-symlinks`: beneath, and any symbolic link is `ELOOP`. Magic links of /proc are refused in all of them.
   */
  readonly resolve: 'in-root' | 'beneath' | 'no-symlinks'
}

/** Opens `path` under `root` (a path or a folder's fd) by openat2(2). The caller closes the fd. */
export declare function openBeneath(root: string | number, path: string, options: ConfinedOpenOptions): number
