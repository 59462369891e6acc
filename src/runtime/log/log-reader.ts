import { open } from 'node:fs/promises'
import { hasCode } from '../../base/index.ts'
import type { LogQuery, LogRecord, StreamName } from '../contract.ts'
import { readRecords } from './log-file.ts'
import { findTail } from './tail.ts'

/**
 * Reads a container's log as `docker logs` does: the last lines are counted over both streams, then `since`, `until`
 * and the wanted streams choose among them. Nothing when there is no log. Ends quietly when the signal fires.
 */
export async function* readLog(path: string, query: LogQuery): AsyncGenerator<LogRecord> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (!file) return
  await using _closing = file
  const { tail, since, until, follow, signal } = query
  const from = tail === undefined ? BEGINNING : await findTail(file, { size: (await file.stat()).size, count: tail })
  for await (const records of readRecords(file, { from, path, ended: follow?.ended, signal })) {
    for (const record of records) {
      if (until !== undefined && record.time > until) return
      if (since !== undefined && record.time < since) continue
      if (query[record.stream]) yield record
    }
  }
}

const BEGINNING: Readonly<Record<StreamName, number>> = { stdout: 0, stderr: 0 }
