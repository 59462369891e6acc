import type { Socket } from 'node:net'

export interface SeqpacketOptions {
  /**
   * Called once for each packet. The buffer is a view of memory that the next packet overwrites: copy what is kept.
   * Returning false pauses the socket until `resume()`.
   */
  readonly onPacket: (packet: Buffer) => boolean
}

/**
 * Connects to a SOCK_SEQPACKET socket at `path`, which may be longer than sun_path. Nothing arrives before `resume()`.
 * 'end' is the peer's close; `end()` shuts our writing side only; `destroy()` closes. Write at most 32 KiB at a time
 * and wait for its callback before the next: queued writes would be merged into one packet. Never write nothing.
 */
export declare function connectSeqpacket(path: string, options: SeqpacketOptions): Socket
