import { formatTimestamp, type Timestamp } from '../../../base/index.ts'
import type { ContainerState, Exit } from '../../../containers/index.ts'
import type { ContainerState as WireState } from '../../types/index.ts'
import { humanDuration } from './human-duration.ts'

/** Go's zero time: never. */
export const NEVER = '0001-01-01T00:00:00Z'

export function encodeState(state: ContainerState): WireState {
  const { status } = state
  const exit: Exit | undefined = 'exit' in state ? state.exit : undefined
  const startedAt: Timestamp | undefined = 'startedAt' in state ? state.startedAt : undefined
  return {
    Status: status,
    Running: isActive(state),
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: exit?.oomKilled ?? false,
    Dead: status === 'dead',
    Pid: 'pid' in state ? state.pid : 0,
    ExitCode: exit?.code ?? 0,
    Error: exit?.error ?? '',
    StartedAt: startedAt === undefined ? NEVER : formatTimestamp(startedAt),
    FinishedAt: exit === undefined ? NEVER : formatTimestamp(exit.at),
  }
}

/** Running, in the sense of Docker: it has a process, or will have one again shortly. */
export function isActive({ status }: ContainerState): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting'
}

/** The column STATUS of `docker ps`. */
export function describeState(state: ContainerState, now: Timestamp): string {
  switch (state.status) {
    case 'created':
      return 'Created'
    case 'running':
      return `Up ${humanDuration(now - state.startedAt)}`
    case 'paused':
      return `Up ${humanDuration(now - state.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exit.code}) ${humanDuration(now - state.exit.at)} ago`
    case 'exited':
      return `Exited (${state.exit.code}) ${humanDuration(now - state.exit.at)} ago`
    case 'removing':
      return 'Removal In Progress'
    case 'dead':
      return 'Dead'
    default:
      return state satisfies never
  }
}
