import type { Report, Result } from '../measurement.ts'
import type { Peer } from '../peers/peer.ts'

/** One comparison. Whatever it makes on a peer, it removes. */
export interface Scenario {
  /** Short name for the command line. */
  readonly name: string
  /** What is done, as the table of results tells it. */
  readonly title: string
  run(peers: readonly Peer[], report: Report): Promise<readonly Result[]>
}
