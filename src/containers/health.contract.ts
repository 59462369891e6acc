import type { Timestamp } from '../base/index.ts'

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy'

/** What the probes of a container have found since it was first started under this engine. */
export interface Health {
  readonly status: HealthStatus
  /** How many probes have failed in a row. */
  readonly failingStreak: number
  /** The last five, the oldest first. */
  readonly log: readonly ProbeResult[]
}

export interface ProbeResult {
  readonly start: Timestamp
  readonly end: Timestamp
  /** 0 when it is well; -1 when the probe could not be run or took too long. */
  readonly exitCode: number
  readonly output: string
}
