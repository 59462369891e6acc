import type { Timestamp } from '../base/index.ts'
import type { ImageId } from '../images/index.ts'
import type { Attachment } from '../networks/index.ts'
import type { ContainerConfig, ContainerId, ContainerState, HostConfig, MountPoint } from './contract.ts'

/** What is kept of a container in the database; everything else is derived from it or from what runs. */
export interface ContainerRecord {
  readonly id: ContainerId
  /** Without a slash. */
  readonly name: string
  readonly created: Timestamp
  readonly imageId: ImageId
  readonly config: ContainerConfig
  readonly host: HostConfig
  readonly attachments: readonly Attachment[]
  readonly mounts: readonly MountPoint[]
  readonly path: string
  readonly args: readonly string[]
  readonly state: ContainerState
  readonly restartCount: number
  /** Somebody asked it to stop: no restart policy brings it back by itself. */
  readonly stoppedByUser: boolean
}
