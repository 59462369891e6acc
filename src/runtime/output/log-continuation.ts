import { failure } from '../../base/index.ts'
import type { OutputChunk, StreamName } from '../contract.ts'
import { openLogParts } from '../log/log-files.ts'
import { readParts } from '../log/log-parts-reader.ts'

/** Where the output of a process begins in the log: a file, known by its inode, and an offset in it. */
export interface LogStart {
  readonly path: string
  readonly inode: bigint
  readonly offset: number
}

/** A place in the output of a container: so many bytes of each stream behind its beginning. */
export interface LogPosition extends LogStart {
  readonly skip: Readonly<Record<StreamName, number>>
}

/**
 * The output from that place on, out of the log, until the container has ended and all is read. `unavailable` when a
 * rotation has removed the beginning.
 */
export async function* continueFromLog(
  { path, inode, offset, skip }: LogPosition,
  ended: Promise<unknown>,
): AsyncGenerator<OutputChunk> {
  const all = await openLogParts(path)
  const first = all.findIndex((part) => part.inode === inode)
  for (const { file } of all.slice(0, first < 0 ? all.length : first)) await file.close()
  if (first < 0) throw failure('unavailable', 'the output went on faster than it was read, and its log is not kept')
  const left = { ...skip }
  const from = { stdout: offset, stderr: offset }
  for await (const records of readParts(path, { parts: all.slice(first), from, ended })) {
    for (const { stream, data } of records) {
      const known = Math.min(left[stream], data.length)
      left[stream] -= known
      if (known < data.length) yield { stream, data: data.subarray(known) }
    }
  }
}
