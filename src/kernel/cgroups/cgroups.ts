import type { Cgroups } from './contract.ts'

/** Looks at the mounts once; `root` is for tests. Fails with `unsupported` when no cgroup hierarchy is mounted. */
export declare function openCgroups(): Cgroups
