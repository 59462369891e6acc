import { failure } from '../base/index.ts'
import type { Containers } from './contract.ts'
import type { ContainersOptions } from './options.ts'

export function createContainers(options: ContainersOptions): Containers {
  throw failure('unavailable', `containers of ${options.dataRoot} are being written`)
}
