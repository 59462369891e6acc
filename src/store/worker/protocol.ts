import { failure, KINDS, type Kind, kindOf, messageOf, SlipwayError } from '../../base/index.ts'
import type { Digest } from '../../oci/index.ts'
import type { Change } from '../contract.ts'

/** What a worker can be asked to do. All paths are absolute, on the host. */
export interface Jobs {
  /** Unpacks a blob into an empty folder. Gives the digests of the blob and of the archive in it. */
  'unpack-layer': {
    readonly params: { readonly blob: string; readonly target: string; readonly lowers: readonly string[] }
    readonly result: { readonly blobDigest: Digest; readonly diffId: Digest; readonly size: number }
  }
  /** Packs an overlay's upper folder into a new, synced file and unpacks the same archive into an empty folder. */
  'pack-layer': {
    readonly params: { readonly upper: string; readonly blob: string; readonly target: string }
    readonly result: { readonly digest: Digest; readonly blobSize: number; readonly size: number }
  }
  /** Sends an archive back, piece by piece. */
  pack: {
    readonly params: {
      readonly root: string
      readonly path: string
      readonly name: string
      readonly whiteouts: boolean
    }
    readonly result: undefined
  }
  /** Takes an archive, piece by piece. */
  unpack: {
    readonly params: {
      readonly root: string
      readonly path: string
      readonly owner: { readonly uid: number; readonly gid: number } | undefined
      readonly keepTypes: boolean
    }
    readonly result: undefined
  }
  changes: {
    readonly params: { readonly upper: string; readonly lowers: readonly string[]; readonly hidden: readonly string[] }
    readonly result: readonly Change[]
  }
  usage: { readonly params: { readonly root: string }; readonly result: number }
  remove: { readonly params: { readonly root: string }; readonly result: undefined }
}

export type JobName = keyof Jobs

/**
 * A job is started by the main thread and answered by one `done` or `failed`. Pieces go to whoever unpacks or packs; the
 * receiver answers each with `taken` and the sender has at most WINDOW of them unanswered. After `cancel` the job still
 * answers.
 */
export type ToWorker =
  | { readonly type: 'start'; readonly id: number; readonly name: JobName; readonly params: Jobs[JobName]['params'] }
  | { readonly type: 'cancel'; readonly id: number }
  | PieceMessage

export type FromWorker =
  /** Everything is loaded. A thread that is ended while it loads native code takes the whole program with it. */
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly id: number; readonly result: Jobs[JobName]['result'] }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError }
  | PieceMessage

export type PieceMessage =
  | { readonly type: 'piece'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'taken'; readonly id: number }

export const WINDOW = 4

/** An error as it travels between threads, which would strip it of its class. */
export interface PlainError {
  readonly kind: Kind | undefined
  readonly message: string
  readonly code: string | undefined
  readonly stack: string | undefined
}

export function toPlainError(error: unknown): PlainError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const known = error instanceof SlipwayError || kindOf(error) !== 'internal'
  return {
    kind: known ? kindOf(error) : undefined,
    message: messageOf(error),
    code,
    stack: error instanceof Error ? error.stack : undefined,
  }
}

export function fromPlainError({ kind, message, code, stack }: PlainError): Error {
  const cause = Object.assign(new Error(message), { code, stack })
  return kind !== undefined && KINDS.includes(kind) ? failure(kind, message, { cause }) : cause
}
