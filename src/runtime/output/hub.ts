import { failure } from '../../base/index.ts'
import type { AttachOptions, AttachSession, OutputChunk, StreamName } from '../contract.ts'
import { type ChunkQueue, createChunkQueue } from './chunk-queue.ts'
import { type ConmonConnection, connectConmon } from './connection.ts'
import { continueFromLog, type LogStart } from './log-continuation.ts'
import { HIGH, LOW } from './pace.ts'

export interface HubOptions {
  readonly attachPath: string
  /** Undefined: no standard input. */
  readonly input: { readonly endsWithFirst: boolean; readonly isOpen: boolean } | undefined
  /** Where in the log the output of this process begins. */
  readonly log: LogStart | undefined
  /** Settles with the task. */
  readonly exited: Promise<unknown>
  readonly stallLimit: number
}

/** More than an ended container can have left in its pipes: somebody else floods them. */
const FLOOD = 64 * HIGH

/**
 * Everybody's input and output of one container over one connection, held while somebody reads (or as long as the
 * container, where its end would close standard input). The slowest reader sets the pace; one that takes nothing for
 * `stallLimit` while another one wants more goes on from the log, or is ended when its place there is not known.
 */
export interface OutputHub {
  attach(options: AttachOptions): AttachSession
  /** The process is about to run: who connects later does not know its place in the log. */
  begin(): void
  /** The process has ended and conmon must get rid of what is left, which is little: nobody holds it back any more. */
  drain(): void
  /** Takes what conmon has sent and nobody has read yet, up to its end; then closes. The process has ended. */
  finish(): Promise<void>
  close(): void
}

interface Connected {
  readonly connection: ConmonConnection
  /** Bytes received, when they are all that there were. */
  readonly received: Record<StreamName, number>
  readonly fromBeginning: boolean
}

export function createOutputHub(options: HubOptions): OutputHub {
  const { input, log, exited, stallLimit } = options
  const readers = new Set<ChunkQueue>()
  let connected: Connected | undefined
  let began = false
  let draining = false
  let inputOpen = input?.isOpen ?? false
  let paused: { readonly timer: NodeJS.Timeout; readonly taken: ReadonlyMap<ChunkQueue, number> } | undefined

  function connect(): ConmonConnection | undefined {
    if (connected) return connected.connection
    const received = { stdout: 0, stderr: 0 }
    const connection = connectConmon(options.attachPath, (chunk) => accept(chunk, received))
    if (!connection) return undefined
    connected = { connection, received, fromBeginning: !began }
    return connection
  }

  function accept(chunk: OutputChunk, received: Record<StreamName, number>): boolean {
    received[chunk.stream] += chunk.data.length
    for (const reader of readers) reader.push(chunk)
    if (draining) {
      for (const reader of readers) if (reader.weight() > FLOOD) release(reader)
      return true
    }
    if (![...readers].some(isFull)) return true
    pause()
    return false
  }

  function pause(): void {
    clearTimeout(paused?.timer)
    const taken = new Map([...readers].map((reader) => [reader, reader.taken()]))
    paused = { timer: setTimeout(releaseStalled, stallLimit).unref(), taken }
  }

  function resumeIfPossible(): void {
    if (!paused || (!draining && ![...readers].every((reader) => reader.weight() <= LOW))) return
    clearTimeout(paused.timer)
    paused = undefined
    connected?.connection.resume()
  }

  function releaseStalled(): void {
    const stalled = [...readers].filter((reader) => isFull(reader) && paused?.taken.get(reader) === reader.taken())
    if (stalled.length < readers.size) for (const reader of stalled) release(reader)
    if (paused) pause()
    resumeIfPossible()
  }

  function release(reader: ChunkQueue): void {
    readers.delete(reader)
    if (connected?.fromBeginning && log) {
      reader.end({ more: continueFromLog({ ...log, skip: { ...connected.received } }, exited) })
    } else {
      reader.end({ error: failure('unavailable', 'the client was too slow and has been detached') })
    }
  }

  function addReader(): ChunkQueue {
    const reader = createChunkQueue(resumeIfPossible)
    const connection = connect()
    if (connection) readers.add(reader)
    // A connection that was given up for want of readers has ended too; then this reader has gone as well.
    Promise.all([connection?.ended, exited]).then(() => {
      readers.delete(reader)
      reader.end()
    })
    return reader
  }

  function removeReader(reader: ChunkQueue): void {
    readers.delete(reader)
    reader.end()
    resumeIfPossible()
    if (readers.size > 0 || (input?.endsWithFirst && inputOpen)) return
    connected?.connection.close()
    connected = undefined
  }

  async function write(data: Uint8Array): Promise<void> {
    if (!inputOpen) throw failure('conflict', 'the container has no open standard input')
    const alive = data.length === 0 || (await connect()?.write(data))
    if (!alive) throw failure('conflict', 'the container has ended')
  }

  async function endInput(): Promise<void> {
    if (!input?.endsWithFirst || !inputOpen) return
    inputOpen = false
    await connect()?.endInput()
  }

  function attach({ output, stdin, signal }: AttachOptions): AttachSession {
    const reader = output ? addReader() : createChunkQueue(() => {})
    if (!output) exited.then(() => reader.end())
    const detach = (): void => removeReader(reader)
    signal?.addEventListener('abort', detach, { once: true })
    if (signal?.aborted) detach()
    return {
      output: reader.chunks,
      write: async (data) => {
        if (!stdin) throw failure('conflict', 'this client is not attached to standard input')
        await write(data)
      },
      endInput: async () => {
        if (stdin) await endInput()
      },
      [Symbol.asyncDispose]: async () => {
        signal?.removeEventListener('abort', detach)
        detach()
      },
    }
  }

  function drain(): void {
    draining = true
    resumeIfPossible()
  }

  function close(): void {
    clearTimeout(paused?.timer)
    connected?.connection.close()
    connected = undefined
    for (const reader of readers) reader.end()
    readers.clear()
  }

  return {
    attach,
    begin: () => {
      began = true
    },
    drain,
    finish: async () => {
      drain()
      await connected?.connection.ended
      close()
    },
    close,
  }
}

function isFull(reader: ChunkQueue): boolean {
  return reader.weight() >= HIGH
}
