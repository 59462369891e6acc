import type { Peer } from './peers/peer.ts'
import { type Summary, summarise } from './statistics.ts'

/** What the values of a scenario are; smaller is better for all but throughput. */
export type Unit = 'ms' | 'MiB' | 'MiB/s'

/** One figure of one peer. */
export interface Figure {
  readonly peer: string
  readonly summary: Summary
}

/** A line of the table of results: one quantity of all peers. */
export interface Result {
  readonly title: string
  readonly unit: Unit
  readonly figures: readonly Figure[]
  /** The first peer's median may be at most this share of the second's. */
  readonly ratioTarget?: number
  /** The median of slipwayd may be at most this. */
  readonly valueTarget?: number
}

export type Report = (line: string) => void

/**
 * Measures peers in turns, A B A B, so that whatever else the machine does meets all of them alike. The first rounds
 * warm up and do not count.
 */
export async function measureInTurns(
  peers: readonly Peer[],
  { rounds, warmup, measure }: { rounds: number; warmup: number; measure: (peer: Peer) => Promise<number> },
): Promise<readonly Figure[]> {
  const values = new Map(peers.map((peer) => [peer, [] as number[]]))
  for (let round = -warmup; round < rounds; round += 1) {
    for (const peer of peers) {
      const value = await measure(peer)
      if (round >= 0) values.get(peer)?.push(value)
    }
  }
  return peers.map((peer) => ({ peer: peer.name, summary: summarise(values.get(peer) ?? []) }))
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
