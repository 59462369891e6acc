import { failure } from '../base/index.ts'
import type { SpecInput } from '../runtime/index.ts'
import type { Household } from './household.ts'
import type { ContainerRecord } from './record.ts'
import { isRunning } from './states.ts'

export interface JoinedNamespaces {
  readonly pid: SpecInput['namespaces']['pid']
  readonly ipc: SpecInput['namespaces']['ipc']
  readonly uts: SpecInput['namespaces']['uts']
  readonly cgroup: SpecInput['namespaces']['cgroup']
  /** Set when the network of another container is shared. */
  readonly network: string | undefined
}

/** Turns the modes of a container (`private`, `host`, `container:x`) into namespaces to make, share or join. */
export function joinedNamespaces(household: Household, { host }: ContainerRecord): JoinedNamespaces {
  const join = (mode: string, file: string): 'private' | string | undefined => {
    if (mode === 'host') return undefined
    const other = /^container:(.+)$/.exec(mode)?.[1]
    return other === undefined ? 'private' : namespaceOf(household, { other, file })
  }
  const network = /^container:(.+)$/.exec(host.networkMode)?.[1]
  return {
    pid: join(host.pidMode, 'pid'),
    ipc: join(host.ipcMode, 'ipc'),
    uts: join(host.utsMode, 'uts'),
    cgroup: host.cgroupnsMode === 'private' ? 'private' : undefined,
    network: network === undefined ? undefined : namespaceOf(household, { other: network, file: 'net' }),
  }
}

function namespaceOf({ catalog }: Household, { other, file }: { other: string; file: string }): string {
  const { record, task } = catalog.find(other)
  if (!isRunning(record) || !task) {
    throw failure(
      'conflict',
      `cannot join ${file} namespace of a non running container: container ${record.name} is ${record.state.status}`,
    )
  }
  return `/proc/${task.pid}/ns/${file}`
}
