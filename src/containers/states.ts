import { failure, type Kind } from '../base/index.ts'
import type { ContainerState } from './contract.ts'
import type { ContainerRecord } from './record.ts'

type Status = ContainerState['status']

/** What may be asked of a container. */
export type Verb = 'start' | 'stop' | 'kill' | 'pause' | 'unpause' | 'exec' | 'resize' | 'remove' | 'top'

interface Refusal {
  readonly kind: Kind
  readonly text: (record: ContainerRecord) => string
}

const notModified: Refusal = { kind: 'not-modified', text: () => 'nothing to do' }
const notRunning: Refusal = { kind: 'conflict', text: ({ id }) => `container ${id} is not running` }
const restarting: Refusal = {
  kind: 'conflict',
  text: ({ id }) => `Container ${id} is restarting, wait until the container is running`,
}
const leaving: Refusal = { kind: 'conflict', text: () => 'container is marked for removal and cannot be started' }
const busyRemoving: Refusal = {
  kind: 'conflict',
  text: ({ name }) => `removal of container ${name} is already in progress`,
}
const cannotKill: Refusal = {
  kind: 'conflict',
  text: ({ id, name }) => `cannot kill container: ${name}: container ${id} is not running`,
}
const mustStop: Refusal = {
  kind: 'conflict',
  text: ({ name, state }) =>
    `cannot remove container ${JSON.stringify(`/${name}`)}: container is ${state.status}: stop the container before removing or force remove`,
}

/**
 * Which verb is refused in which state, with Docker's words; what is not listed is allowed. One table, so that the
 * whole machine can be read at a glance.
 */
const REFUSED: Readonly<Record<Verb, Partial<Readonly<Record<Status, Refusal>>>>> = {
  start: {
    running: notModified,
    paused: { kind: 'conflict', text: () => 'cannot start a paused container, try unpause instead' },
    removing: leaving,
    dead: leaving,
  },
  stop: { created: notModified, exited: notModified, removing: notModified, dead: notModified },
  kill: { created: cannotKill, restarting: cannotKill, exited: cannotKill, removing: cannotKill, dead: cannotKill },
  pause: {
    created: { kind: 'conflict', text: ({ id }) => `Container ${id} is not running` },
    exited: { kind: 'conflict', text: ({ id }) => `Container ${id} is not running` },
    removing: notRunning,
    dead: notRunning,
    restarting,
    paused: { kind: 'conflict', text: ({ id }) => `Container ${id} is already paused` },
  },
  unpause: Object.fromEntries(
    (['created', 'running', 'restarting', 'exited', 'removing', 'dead'] as const).map((status) => [
      status,
      { kind: 'conflict', text: ({ id }: ContainerRecord) => `Container ${id} is not paused` },
    ]),
  ),
  exec: {
    created: notRunning,
    exited: notRunning,
    removing: notRunning,
    dead: notRunning,
    restarting,
    paused: { kind: 'conflict', text: ({ id }) => `Container ${id} is paused, unpause the container before exec` },
  },
  resize: { created: notRunning, exited: notRunning, removing: notRunning, dead: notRunning, restarting: notRunning },
  top: { created: notRunning, exited: notRunning, removing: notRunning, dead: notRunning, restarting },
  remove: { running: mustStop, paused: mustStop, restarting: mustStop, removing: busyRemoving },
}

/** Fails as the table says, or does nothing. */
export function assertAllowed(verb: Verb, record: ContainerRecord): void {
  const refusal = REFUSED[verb][record.state.status]
  if (refusal) throw failure(refusal.kind, refusal.text(record))
}

export function isRunning({ state }: ContainerRecord): boolean {
  return state.status === 'running' || state.status === 'paused'
}
