import type { Event } from '../../../base/index.ts'
import type { EventMessage } from '../../types/index.ts'

/** One line of the event stream. `timeNano` needs all of its digits: a bigint that is written as a number. */
export function encodeEvent({ type, action, id, attributes, time }: Event): Omit<EventMessage, 'timeNano'> & {
  readonly timeNano: bigint
} {
  const image = type === 'container' ? attributes.image : undefined
  return {
    ...((type === 'container' || type === 'image') && { status: action, id }),
    ...(image !== undefined && { from: image }),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: Number(time / 1_000_000_000n),
    timeNano: time,
  }
}
