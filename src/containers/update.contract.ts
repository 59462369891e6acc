import type { ResourceLimits } from '../runtime/index.ts'
import type { RestartPolicy } from './contract.ts'

/** What is to change of a container that exists; what is undefined stays. */
export interface UpdateRequest {
  readonly limits: ResourceLimits
  /** Takes the limit of processes away. */
  readonly withoutPidsLimit: boolean
  readonly restartPolicy: RestartPolicy | undefined
}
