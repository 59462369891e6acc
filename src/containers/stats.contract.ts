import type { AbortOptions, Timestamp } from '../base/index.ts'
import type { HostCpu, TaskStats } from '../runtime/index.ts'

/** One look at what a container uses; without numbers when it does not run. */
export interface Sample {
  readonly numbers: { readonly at: Timestamp; readonly task: TaskStats; readonly host: HostCpu } | undefined
}

export interface ContainerStats extends Sample {
  readonly id: string
  readonly name: string
  /** The look before this one. */
  readonly previous: Sample['numbers']
}

export interface StatsOptions extends AbortOptions {
  /**
   * `stream`: one a second until the container is gone; `once`: one with a previous to compare with; `now`: one at once,
   * without. A container that does not run has no numbers.
   */
  readonly mode: 'stream' | 'once' | 'now'
}
