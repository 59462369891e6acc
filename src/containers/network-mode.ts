import type { SandboxRequest } from '../networks/index.ts'
import type { ContainerRecord } from './record.ts'

/** A container that shares another's network has none of its own: like `host`, it gets no namespace here. */
export function networkModeOf({ host, config }: Pick<ContainerRecord, 'host' | 'config'>): SandboxRequest['mode'] {
  if (config.networkDisabled || host.networkMode === 'none') return 'none'
  return host.networkMode === 'host' || host.networkMode.startsWith('container:') ? 'host' : 'bridge'
}
