import type { AbortOptions, Timestamp } from '../base/index.ts'

/** What a path in a container is. */
export interface PathStat {
  readonly name: string
  readonly size: number
  /** As stat(2) gives it: type and permissions. */
  readonly mode: number
  readonly mtime: Timestamp
  /** Where a link leads, all links followed, as far as there is something; empty for what is no link. */
  readonly linkTarget: string
}

export interface ExtractOptions extends AbortOptions {
  /** A tar, compressed or not. */
  readonly content: AsyncIterable<Uint8Array>
  /** Everything belongs to the container's user instead of whom the archive says. */
  readonly copyOwner: boolean
  /** Refuses to replace a folder by something else or the reverse. */
  readonly keepTypes: boolean
}
