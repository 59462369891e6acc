import { watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { AbortOptions } from '../../base/index.ts'
import type { LogRecord, StreamName } from '../contract.ts'
import { createRecordParser } from './record.ts'

/** Bytes read at once. */
const BLOCK = 256 * 1024
/** What is longer without a newline is no log of conmon's, whose records hold 8 KiB. */
const LONGEST_RECORD = 1024 * 1024
const NEWLINE = 0x0a

export interface ReadOptions extends AbortOptions {
  /** Records of a stream that begin before its offset are passed over. */
  readonly from: Readonly<Record<StreamName, number>>
  /** Keeps following until this has settled and all is read. */
  readonly ended?: Promise<unknown>
  /** Nothing more will be written into the file: following ends when it is read. */
  readonly hasMovedOn?: () => Promise<boolean>
  /** The path of the file, to watch it. */
  readonly path: string
}

/**
 * Records of an open log from an offset on, a block at a time, in the order of the file. Reads on while the file grows
 * when `ended` is given. Ends quietly when the signal fires. The caller closes the file.
 */
export async function* readRecords(file: FileHandle, options: ReadOptions): AsyncGenerator<readonly LogRecord[]> {
  const { from, ended, path, signal, hasMovedOn } = options
  using growth = ended ? watchGrowth(path, { ended, signal }) : undefined
  const parse = createRecordParser()
  let position = Math.min(from.stdout, from.stderr)
  let rest: Buffer = Buffer.alloc(0)
  while (!signal?.aborted) {
    // Asked before reading: what was written until the end has then been seen.
    const isLast = growth?.hasEnded() ?? true
    growth?.reset()
    const movedOn = growth && hasMovedOn ? await hasMovedOn() : false
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(BLOCK), 0, BLOCK, position)
      if (bytesRead === 0 || signal?.aborted) break
      const block = buffer.subarray(0, bytesRead)
      const bytes = rest.length === 0 ? block : Buffer.concat([rest, block])
      const start = position - rest.length
      position += bytesRead
      const records: LogRecord[] = []
      const used = forEachLine(bytes, (span) => {
        const record = parse(bytes, span)
        if (record && start + span.start >= from[record.stream]) records.push(record)
      })
      rest = bytes.length - used > LONGEST_RECORD ? Buffer.alloc(0) : bytes.subarray(used)
      if (records.length > 0) yield records
    }
    if (isLast || movedOn) break
    await growth?.change()
  }
  if (signal?.aborted || rest.length === 0) return
  const torn = parse(rest, { start: 0, end: rest.length })
  if (torn && position - rest.length >= from[torn.stream]) yield [{ ...torn, partial: true }]
}

/** Calls back for each whole line; gives the length of them all. */
export function forEachLine(bytes: Buffer, callback: (span: { start: number; end: number }) => void): number {
  let start = 0
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start)
    if (end < 0) return start
    callback({ start, end })
    start = end + 1
  }
}

interface Growth extends Disposable {
  hasEnded(): boolean
  /** Forgets changes seen so far. */
  reset(): void
  /** Resolves at the first change since `reset`, the end, or the signal. */
  change(): Promise<void>
}

function watchGrowth(path: string, { ended, signal }: AbortOptions & { readonly ended: Promise<unknown> }): Growth {
  let over = false
  let wake = Promise.withResolvers<void>()
  const notify = (): void => wake.resolve()
  const watcher = watch(path, notify)
  watcher.on('error', notify)
  const finish = (): void => {
    over = true
    notify()
  }
  ended.then(finish, finish)
  signal?.addEventListener('abort', notify, { once: true })
  return {
    hasEnded: () => over,
    reset: () => {
      wake = Promise.withResolvers<void>()
    },
    change: () => wake.promise,
    [Symbol.dispose]: () => {
      watcher.close()
      signal?.removeEventListener('abort', notify)
    },
  }
}
