import type { Cgroups } from '../../kernel/index.ts'
import type { RuntimeResources } from '../../oci/index.ts'

/** Controllers by the sections of the resources that need them. */
const CONTROLLERS = { memory: 'memory', cpu: 'cpu', pids: 'pids', blockIO: 'blkio' } as const

/** Leaves out what this host's cgroups do not have, which would make the runtime refuse the container. */
export function withoutAbsentControllers(resources: RuntimeResources, cgroups: Cgroups): RuntimeResources {
  const present = Object.entries(resources).filter(([section]) => {
    const controller = CONTROLLERS[section as keyof typeof CONTROLLERS]
    return controller === undefined || cgroups.mode === 'v2' || cgroups.controllers.has(controller)
  })
  const { blockIO, ...rest } = Object.fromEntries(present) as RuntimeResources
  if (!blockIO || cgroups.mode === 'v2' || cgroups.read('/', 'blkio.weight') !== undefined) return { ...rest, blockIO }
  const { weight, weightDevice, ...throttles } = blockIO
  return { ...rest, blockIO: throttles }
}
