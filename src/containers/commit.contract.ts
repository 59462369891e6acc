import type { ContainerConfig } from './contract.ts'

/** An image that is to be made of a container. */
export interface CommitRequest {
  /** What the image says about running it; completed from the container. undefined: what the container has. */
  readonly config: ContainerConfig | undefined
  /** Dockerfile instructions, as import takes them. */
  readonly changes: readonly string[]
  readonly comment: string
  readonly author: string
  /** Its processes stand still meanwhile. */
  readonly pause: boolean
  /** Name to give to the image. */
  readonly reference: string | undefined
}
