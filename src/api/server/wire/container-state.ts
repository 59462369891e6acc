import { formatTimestamp, type Timestamp } from '../../../base/index.ts'
import type { Container, ContainerState, Exit, Health } from '../../../containers/index.ts'
import type { Health as WireHealth, ContainerState as WireState } from '../../types/index.ts'
import { humanDuration } from './human-duration.ts'

/** Go's zero time: never. */
export const NEVER = '0001-01-01T00:00:00Z'

type Described = Pick<Container, 'state' | 'health'>

export function encodeState({ state, health }: Described): WireState {
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
    ...(health && { Health: encodeHealth(health) }),
  }
}

function encodeHealth({ status, failingStreak, log }: Health): WireHealth {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ start, end, exitCode, output }) => ({
      Start: formatTimestamp(start),
      End: formatTimestamp(end),
      ExitCode: exitCode,
      Output: output,
    })),
  }
}

/** Running, in the sense of Docker: it has a process, or will have one again shortly. */
export function isActive({ status }: ContainerState): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting'
}

const HEALTH_WORDS: Readonly<Record<Health['status'], string>> = {
  starting: 'health: starting',
  healthy: 'healthy',
  unhealthy: 'unhealthy',
}

/** The column STATUS of `docker ps`. */
export function describeState({ state, health }: Described, now: Timestamp): string {
  switch (state.status) {
    case 'created':
      return 'Created'
    case 'running':
      return `Up ${humanDuration(now - state.startedAt)}${health ? ` (${HEALTH_WORDS[health.status]})` : ''}`
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
