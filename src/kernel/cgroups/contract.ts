export const CGROUP_MODES = ['v1', 'hybrid', 'v2'] as const
export type CgroupMode = (typeof CGROUP_MODES)[number]

/** `cgroup` is an absolute name such as `/slipway/<id>`, the same in every hierarchy; `..` in it is refused. */
export interface Cgroups {
  /** `hybrid` is v1 with the unified hierarchy mounted beside for systemd. */
  readonly mode: CgroupMode
  readonly controllers: ReadonlySet<string>
  /**
   * On hybrid hosts: mounts controllers that were left on the unified hierarchy as v1, without which crun refuses to
   * work. On v2: enables our controllers for children of the root. Idempotent. Returns the names of what it did.
   */
  repair(): readonly string[]
  /**
   * Takes the first, slow move of a process (7-14 ms of RCU grace) upon itself, off the event loop, by moving ourselves
   * to where we are. Calls within a few milliseconds share one. Never rejects.
   */
  prewarm(): Promise<void>
  /** Absolute folder in every hierarchy, present or not. */
  paths(cgroup: string): readonly string[]
  /** Removes the cgroup and those below it in every hierarchy, waiting briefly while processes leave. Absent is fine. */
  remove(cgroup: string): Promise<void>
  /** Names of the direct children over all hierarchies; empty when `cgroup` is absent. */
  list(cgroup: string): readonly string[]
  freeze(cgroup: string, frozen: boolean): void
  /** As the host numbers them, of the cgroup and those below it. Empty when absent. */
  processes(cgroup: string): readonly number[]
  killAll(cgroup: string, signal: number): void
  /** Processes that the kernel killed for want of memory; readable until the cgroup is removed. */
  oomKills(cgroup: string): number
  /** `file` by its own name, whose first part picks the hierarchy: `memory.max`. Undefined when absent. */
  read(cgroup: string, file: string): string | undefined
  write(cgroup: string, file: string, value: string): void
}
