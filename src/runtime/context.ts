import type { Clock, Log } from '../base/index.ts'
import type { Cgroups } from '../kernel/index.ts'
import type { Layout } from './layout.ts'
import type { Exits } from './process/exits.ts'
import type { OciRuntimes } from './process/oci-runtime.ts'
import type { SeccompFilters } from './process/seccomp-filters.ts'

/** What the parts of one runtime share. */
export interface RuntimeContext {
  readonly layout: Layout
  readonly conmonPath: string
  readonly runtimes: OciRuntimes
  readonly filters: SeccompFilters
  readonly exits: Exits
  readonly cgroups: Cgroups
  readonly clock: Clock
  readonly log: Log
  readonly stallLimit: number
  /** Tasks that this daemon watches. */
  readonly tasks: Set<{ detach(): void }>
}
