import { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { type AbortOptions, failure, type Log, throwIfAborted } from '../../base/index.ts'
import { abortable } from '../abortable.ts'
import { createPieceReceiver, createPieceSender, type PieceSender } from './piece-channel.ts'
import {
  type FromWorker,
  fromPlainError,
  type JobName,
  type Jobs,
  type PieceMessage,
  type ToWorker,
} from './protocol.ts'

/**
 * Threads for work on trees, started when they are first needed and kept. Any number of jobs may run: they take turns.
 * A thread that dies fails its jobs and is replaced by the next job.
 */
export interface WorkerPool {
  /** Runs a job to its end. A fired signal cancels it; the promise settles when it has stopped. */
  run<K extends JobName>(
    name: K,
    params: Jobs[K]['params'],
    options?: { readonly input?: AsyncIterable<Uint8Array> } & AbortOptions,
  ): Promise<Jobs[K]['result']>
  /** The pieces that a job sends back. Destroying the stream cancels the job; its failure destroys the stream. */
  stream<K extends JobName>(name: K, params: Jobs[K]['params'], options?: AbortOptions): Readable
  /** Ends the threads; jobs under way fail with `cancelled`. */
  close(): Promise<void>
}

interface Pending {
  readonly settle: (outcome: { readonly result: unknown } | { readonly error: unknown }) => void
  readonly onPiece: (message: PieceMessage) => void
}

interface RunningJob {
  readonly id: number
  readonly ended: Promise<unknown>
  post(message: ToWorker): void
}

interface Thread {
  readonly worker: Worker
  /** Resolves when the thread has loaded everything, or has ended: only then may it be terminated. */
  readonly loaded: Promise<void>
  readonly jobs: Map<number, Pending>
}

const MAX_THREADS = 2

export function createWorkerPool({ log }: { readonly log: Log }): WorkerPool {
  const threads = new Set<Thread>()
  let lastId = 0
  let isClosed = false

  function pickThread(): Thread {
    if (isClosed) throw failure('unavailable', 'the store is closed')
    const [idlest] = [...threads].sort((one, other) => one.jobs.size - other.jobs.size)
    if (idlest && (idlest.jobs.size === 0 || threads.size >= MAX_THREADS)) return idlest
    return startThread()
  }

  function startThread(): Thread {
    const worker = new Worker(new URL('../layer-worker.ts', import.meta.url))
    const { promise: loaded, resolve: onLoaded } = Promise.withResolvers<void>()
    const thread: Thread = { worker, loaded, jobs: new Map() }
    threads.add(thread)
    // An idle thread does not keep the program alive.
    worker.unref()
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') {
        onLoaded()
        return
      }
      const job = thread.jobs.get(message.id)
      if (message.type === 'done') job?.settle({ result: message.result })
      else if (message.type === 'failed') job?.settle({ error: fromPlainError(message.error) })
      else job?.onPiece(message)
    })
    worker.on('error', (error) => log.error({ error }, 'a layer worker has failed'))
    worker.on('exit', () => {
      onLoaded()
      threads.delete(thread)
      const error = isClosed ? failure('cancelled', 'the store is closed') : new Error('a layer worker has ended')
      for (const job of [...thread.jobs.values()]) job.settle({ error })
    })
    return thread
  }

  /** Starts a job. `onPiece` gets its messages until it has ended. */
  function start(
    name: JobName,
    {
      params,
      signal,
      onPiece,
    }: { params: Jobs[JobName]['params']; onPiece: (message: PieceMessage) => void } & AbortOptions,
  ): RunningJob {
    throwIfAborted(signal)
    const thread = pickThread()
    lastId += 1
    const id = lastId
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const cancel = (): void => thread.worker.postMessage({ type: 'cancel', id } satisfies ToWorker)
    const settle: Pending['settle'] = (outcome) => {
      thread.jobs.delete(id)
      signal?.removeEventListener('abort', cancel)
      if (thread.jobs.size === 0) thread.worker.unref()
      if ('error' in outcome) reject(outcome.error)
      else resolve(outcome.result)
    }
    thread.jobs.set(id, { settle, onPiece })
    thread.worker.ref()
    signal?.addEventListener('abort', cancel, { once: true })
    thread.worker.postMessage({ type: 'start', id, name, params } satisfies ToWorker)
    return {
      id,
      ended: promise,
      post: (message) => thread.worker.postMessage(message),
    }
  }

  async function run<K extends JobName>(
    name: K,
    params: Jobs[K]['params'],
    { input, signal }: { readonly input?: AsyncIterable<Uint8Array> } & AbortOptions = {},
  ): Promise<Jobs[K]['result']> {
    const sender = createPieceSender()
    const failed = new AbortController()
    const over = new AbortController()
    const signals = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
    const onPiece = (message: PieceMessage): void => {
      if (message.type === 'taken') sender.taken()
    }
    const job = start(name, { params, signal: signals, onPiece })
    const ended = job.ended.finally(() => {
      sender.close()
      over.abort()
    })
    const fed = input && feed(job, { input: abortable(input, AbortSignal.any([signals, over.signal])), sender })
    const outcome = ended.then(
      (result) => () => result as Jobs[K]['result'],
      (error: unknown) => () => {
        throw error
      },
    )
    const broken = await fed?.catch((error: unknown) => ({ error }))
    if (broken && !over.signal.aborted) {
      failed.abort()
      await outcome
      throw broken.error
    }
    return (await outcome)()
  }

  async function feed(
    job: RunningJob,
    { input, sender }: { input: AsyncIterable<Uint8Array>; sender: PieceSender },
  ): Promise<undefined> {
    for await (const bytes of input) {
      await sender.ready()
      sender.sent()
      job.post({ type: 'piece', id: job.id, bytes })
    }
    job.post({ type: 'end', id: job.id })
  }

  function stream<K extends JobName>(name: K, params: Jobs[K]['params'], { signal }: AbortOptions = {}): Readable {
    return Readable.from(pieces(name, params, signal), { objectMode: false, highWaterMark: 1 << 18 })
  }

  async function* pieces(
    name: JobName,
    params: Jobs[JobName]['params'],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Buffer, void, void> {
    const stop = new AbortController()
    const signals = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
    const receiver = createPieceReceiver(() => job.post({ type: 'taken', id: job.id }))
    const job = start(name, {
      params,
      signal: signals,
      onPiece: (message) => message.type === 'piece' && receiver.push(message.bytes),
    })
    const ended = job.ended.then(
      () => receiver.end(),
      (error: unknown) => receiver.fail(error),
    )
    try {
      yield* receiver
    } finally {
      stop.abort()
      await ended
    }
  }

  async function close(): Promise<void> {
    isClosed = true
    await Promise.all(
      [...threads].map(async ({ worker, loaded }) => {
        worker.ref()
        await loaded
        await worker.terminate()
      }),
    )
  }
  return { run, stream, close }
}
