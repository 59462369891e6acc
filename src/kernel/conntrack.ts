export interface ConntrackFilter {
  readonly protocol: 'udp' | 'tcp' | 'sctp'
  /** Destination port as the client sent it. */
  readonly hostPort?: number
  /** Destination address as the client sent it. */
  readonly address?: string
  /** Address that answers: the container. */
  readonly containerAddress?: string
}

/** Forgets the tracked flows that match all that is given, so that the next packet meets the rules anew. Returns how many. */
export declare function flushConntrack(filter: ConntrackFilter): number
