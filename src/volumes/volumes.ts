import { type Clock, type Database, failure, type Log } from '../base/index.ts'
import type { VolumeEvent, Volumes, VolumeUsers } from './contract.ts'

export interface VolumesOptions {
  readonly db: Database
  /** The folder of all volumes; made when absent. */
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly users: VolumeUsers
  /** Called synchronously after the change has been recorded. */
  readonly emit: (event: VolumeEvent) => void
}

export function createVolumes(options: VolumesOptions): Volumes {
  throw failure('unavailable', `volumes of ${options.root} are being written`)
}
