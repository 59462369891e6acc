import { type MessagePort, parentPort } from 'node:worker_threads'
import { failure } from '../base/index.ts'
import { confineThread } from '../kernel/index.ts'
import type { Confinement, Job, JobContext } from './worker/job.ts'
import { packLayer, unpackLayer } from './worker/layer-jobs.ts'
import { createPieceReceiver, createPieceSender, type PieceReceiver, type PieceSender } from './worker/piece-channel.ts'
import { type FromWorker, type JobName, type Jobs, type ToWorker, toPlainError } from './worker/protocol.ts'
import { changes, pack, remove, unpack, usage } from './worker/tree-jobs.ts'

/** The thread that reads and writes other people's trees: see worker/protocol.ts for what it is told and answers. */

const JOBS: { readonly [K in JobName]: Job<K> } = {
  'unpack-layer': unpackLayer,
  'pack-layer': packLayer,
  pack,
  unpack,
  changes,
  usage,
  remove,
}

interface RunningJob {
  readonly cancel: AbortController
  readonly receiver: PieceReceiver
  readonly sender: PieceSender
}

function serve(port: MessagePort): void {
  const running = new Map<number, RunningJob>()
  const confinement = createConfinement()
  const answer = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

  async function start<K extends JobName>(id: number, { name, params }: { name: K; params: Jobs[K]['params'] }) {
    const cancel = new AbortController()
    const sender = createPieceSender()
    const receiver = createPieceReceiver(() => answer({ type: 'taken', id }))
    running.set(id, { cancel, receiver, sender })
    const context: JobContext = {
      signal: cancel.signal,
      confinement,
      input: receiver,
      async send(bytes) {
        answer({ type: 'piece', id, bytes }, [bytes.buffer as ArrayBuffer])
        sender.sent()
        await sender.ready()
      },
    }
    try {
      const job: Job<K> = JOBS[name]
      const result = await job(params, context)
      answer({ type: 'done', id, result })
    } catch (error) {
      answer({ type: 'failed', id, error: toPlainError(error) })
    } finally {
      running.delete(id)
    }
  }

  port.on('message', (message: ToWorker) => {
    const job = running.get(message.id)
    switch (message.type) {
      case 'start':
        void start(message.id, message as { name: JobName; params: Jobs[JobName]['params'] })
        break
      case 'cancel':
        job?.cancel.abort()
        job?.receiver.fail(failure('cancelled', 'context canceled'))
        job?.sender.close()
        break
      case 'piece':
        job?.receiver.push(message.bytes)
        break
      case 'end':
        job?.receiver.end()
        break
      case 'taken':
        job?.sender.taken()
        break
    }
  })
}

function createConfinement(): Confinement {
  const thread = confineThread()
  return {
    inside(folder, work) {
      thread.enter(folder)
      try {
        return work()
      } finally {
        thread.leave()
      }
    },
    outside(folder, work) {
      thread.leave()
      try {
        return work()
      } finally {
        thread.enter(folder)
      }
    },
  }
}

if (!parentPort) throw new Error('to be run as a worker')
serve(parentPort)
parentPort.postMessage({ type: 'ready' } satisfies FromWorker)
