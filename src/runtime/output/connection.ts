import { hasCode } from '../../base/index.ts'
import { connectSeqpacket } from '../../kernel/index.ts'
import type { OutputChunk, StreamName } from '../contract.ts'

/** conmon reads at most this much of a packet and drops the rest. */
const PACKET = 32 * 1024
/** A byte for the stream, then at most 8 KiB of output. */
const OUTPUT_PACKET = 16 * 1024
const MARK_STDOUT = 2
const MARK_STDERR = 3

/** The connection to a container's conmon. A reader that stops stops the container: see KERNEL.md 5. */
export interface ConmonConnection {
  /** Takes output again after `accept` has given false. */
  resume(): void
  /** In packets, one after another. False when conmon or the connection has gone. */
  write(data: Uint8Array): Promise<boolean>
  /** Ends the input side. */
  endInput(): Promise<void>
  /** Resolves when conmon has closed its side, or after `close`. */
  readonly ended: Promise<void>
  close(): void
}

/** Connects; undefined when conmon has gone. `accept` is called for each piece of output and gives false to pause. */
export function connectConmon(path: string, accept: (chunk: OutputChunk) => boolean): ConmonConnection | undefined {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const callback = (length: number, buffer: Buffer): boolean => {
    const stream = streamOf(buffer[0])
    // The buffer is used again for the next packet.
    return stream === undefined || accept({ stream, data: Buffer.from(buffer.subarray(1, length)) })
  }
  const opened = openSocket(path, { buffer: Buffer.alloc(OUTPUT_PACKET), callback })
  if (!opened) return undefined
  const socket = opened
  // A reset means no more than an end: conmon has gone.
  for (const event of ['end', 'error', 'close'] as const) socket.on(event, () => end())
  socket.resume()
  let writing = Promise.resolve(true)

  function write(data: Uint8Array): Promise<boolean> {
    writing = writing.then(async (alive) => {
      for (let at = 0; at < data.length && alive; at += PACKET) {
        const { promise, resolve } = Promise.withResolvers<boolean>()
        socket.write(data.subarray(at, at + PACKET), (error) => resolve(!error))
        alive = await promise
      }
      return alive
    })
    return writing
  }

  return {
    resume: () => void socket.resume(),
    write,
    endInput: async () => {
      await writing
      if (!socket.destroyed) socket.end()
    },
    ended,
    close: () => {
      end()
      socket.destroy()
    },
  }
}

function openSocket(
  path: string,
  onread: { readonly buffer: Buffer; readonly callback: (length: number, buffer: Buffer) => boolean },
): ReturnType<typeof connectSeqpacket> | undefined {
  try {
    return connectSeqpacket(path, { onread })
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ECONNREFUSED')) return undefined
    throw error
  }
}

function streamOf(mark: number | undefined): StreamName | undefined {
  if (mark === MARK_STDOUT) return 'stdout'
  return mark === MARK_STDERR ? 'stderr' : undefined
}
