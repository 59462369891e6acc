import { closeSync, constants, openSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { failure, hasCode, throwIfAborted } from '../../base/index.ts'
import { quote } from '../tar/name.ts'
import type { JobName, Jobs } from './protocol.ts'

/** What a job has at hand. Several jobs run in one thread, in turns. */
export interface JobContext {
  readonly signal: AbortSignal
  readonly confinement: Confinement
  /** Archive pieces from the main thread. */
  readonly input: AsyncIterable<Buffer>
  /** Gives a piece away to the main thread; resolves when there is room for the next. */
  send(bytes: Buffer): Promise<void>
}

/** Makes a folder, given by descriptor, the root of everything the thread can name while synchronous work runs. */
export interface Confinement {
  inside<T>(folder: number, work: () => T): T
  /** Called inside `folder`: runs work with the view of the host. */
  outside<T>(folder: number, work: () => T): T
}

export type Job<K extends JobName> = (params: Jobs[K]['params'], context: JobContext) => Promise<Jobs[K]['result']>

/** Time that synchronous steps may take before other jobs and messages get their turn, in milliseconds. */
const TURN = 10

/** Lets the others run when this job's turn is over. Throws when the job has been cancelled. */
export function createTurns(signal: AbortSignal): { breathe(): Promise<void> } {
  let began = performance.now()
  return {
    async breathe() {
      throwIfAborted(signal)
      if (performance.now() - began < TURN) return
      await setImmediate()
      throwIfAborted(signal)
      began = performance.now()
    },
  }
}

export interface OpenFolder extends Disposable {
  readonly fd: number
}

/** The caller disposes. `not-found` when there is no folder at the path; a link to one is one only with `follow`. */
export function openFolder(path: string, { follow = false }: { readonly follow?: boolean } = {}): OpenFolder {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | (follow ? 0 : constants.O_NOFOLLOW))
    return { fd, [Symbol.dispose]: () => closeSync(fd) }
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ENOTDIR', 'ELOOP'))
      throw failure('not-found', `no folder at ${quote(path)}`, { cause })
    throw cause
  }
}
