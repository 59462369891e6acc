import { KernelError } from '../native/kernel-error.ts'
import { parseReplies, type Thing } from './messages.ts'

export interface Expected {
  /** Sequence number of the first request; replies to earlier ones are passed over. */
  readonly first: number
  /** Number of requests, each of which gets one answer. */
  readonly count: number
  /** For the error's text. */
  readonly what: string
}

export interface Collected {
  /** Of a dump: whether it may be incomplete. */
  readonly interrupted: boolean
}

/**
 * Receives until all requests are answered and shows every thing sent for them to `visit`; its payload is valid during
 * that call. Throws the first failure as a KernelError when all answers are in; what `receive` or `visit` throws at once.
 */
export function collectAnswers(
  receive: () => Buffer,
  { first, count, what }: Expected,
  visit: (thing: Thing) => void,
): Collected {
  let interrupted = false
  let problem: KernelError | undefined
  for (let answered = 0; answered < count; ) {
    for (const reply of parseReplies(receive())) {
      // Numbers start again after 2^32: what counts is the distance.
      if (((reply.sequence - first) | 0) < 0) continue
      interrupted ||= reply.interrupted
      if (reply.kind === 'thing') {
        visit(reply)
        continue
      }
      answered += 1
      const { errno, words } = reply
      if (errno > 0) problem ??= new KernelError(errno, 'netlink', { path: what, ...(words && { words }) })
    }
  }
  if (problem) throw problem
  return { interrupted }
}
