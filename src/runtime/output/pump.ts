import type { Socket } from 'node:net'
import type { StreamName } from '../contract.ts'
import type { ChunkQueue } from './chunk-queue.ts'
import { HIGH, LOW } from './pace.ts'

/** Milliseconds of silence after the end of a process, after which others who hold its output open do not matter. */
const GRACE = 2_000

/** Brings the output of a process from its pipes or its terminal into a queue, no faster than the queue is read. */
export interface Pump {
  /** The queue has been read from. */
  advance(): void
  /** From now on everything is thrown away, so that the process never waits for a reader. */
  discard(): void
  /** The process has ended: resolves when all of its output is in the queue, and closes the sources. */
  finish(): Promise<void>
}

export function createPump(sources: Readonly<Partial<Record<StreamName, Socket>>>, queue: ChunkQueue): Pump {
  const sockets = Object.entries(sources)
  const { promise: allEnded, resolve } = Promise.withResolvers<void>()
  let open = sockets.length
  let paused = false
  let discarding = false
  let busy = false

  for (const [stream, socket] of sockets) {
    socket.on('data', (data: Buffer) => {
      busy = true
      if (discarding) return
      queue.push({ stream: stream as StreamName, data })
      if (queue.weight() >= HIGH) pause()
    })
    let ended = false
    const onEnd = (): void => {
      if (ended) return
      ended = true
      open -= 1
      if (open === 0) resolve()
    }
    // EIO is how a terminal ends; any other error ends the output too.
    for (const event of ['end', 'error', 'close'] as const) socket.on(event, onEnd)
    socket.resume()
  }
  if (open === 0) resolve()

  function pause(): void {
    paused = true
    for (const [, socket] of sockets) socket.pause()
  }

  function advance(): void {
    if (!paused || (queue.weight() > LOW && !discarding)) return
    paused = false
    for (const [, socket] of sockets) socket.resume()
  }

  async function finish(): Promise<void> {
    const watch = setInterval(() => {
      if (!busy && !paused) resolve()
      busy = false
    }, GRACE)
    await allEnded
    clearInterval(watch)
    for (const [, socket] of sockets) socket.destroy()
    queue.end()
  }

  return {
    advance,
    discard: () => {
      discarding = true
      queue.end()
      advance()
    },
    finish,
  }
}
