import { open } from 'node:fs/promises'
import type { OutputChunk, StreamName } from '../contract.ts'
import { readRecords } from '../log/log-file.ts'

/** A place in the output of a container: so many bytes of each stream behind `offset` of its log. */
export interface LogPosition {
  readonly path: string
  readonly offset: number
  readonly skip: Readonly<Record<StreamName, number>>
}

/** The output from that place on, out of the log, until the container has ended and all is read. */
export async function* continueFromLog(
  { path, offset, skip }: LogPosition,
  ended: Promise<unknown>,
): AsyncGenerator<OutputChunk> {
  await using file = await open(path, 'r')
  const left = { ...skip }
  for await (const records of readRecords(file, { from: { stdout: offset, stderr: offset }, path, ended })) {
    for (const { stream, data } of records) {
      const known = Math.min(left[stream], data.length)
      left[stream] -= known
      if (known < data.length) yield { stream, data: data.subarray(known) }
    }
  }
}
