import type { LogQuery, LogRecord } from '../contract.ts'
import { type LogPart, openLogParts } from './log-files.ts'
import { readParts } from './log-parts-reader.ts'
import { findTail, type StreamOffsets } from './tail.ts'

/**
 * Reads a container's log as `docker logs` does, over all of its files: the last lines are counted over both streams,
 * then `since`, `until` and the wanted streams choose among them. Nothing when there is no log. Ends quietly when the
 * signal fires.
 */
export async function* readLog(path: string, query: LogQuery): AsyncGenerator<LogRecord> {
  const { tail, since, until, follow, signal } = query
  const all = await openLogParts(path)
  const { parts, from } = await chooseTail(all, tail)
  for await (const records of readParts(path, { parts, from, ended: follow?.ended, signal })) {
    for (const record of records) {
      if (until !== undefined && record.time > until) return
      if (since !== undefined && record.time < since) continue
      if (query[record.stream]) yield record
    }
  }
}

const BEGINNING: StreamOffsets = { stdout: 0, stderr: 0 }

/** The files that hold the last lines, and where these begin in the first of them. The others are closed. */
async function chooseTail(
  parts: readonly LogPart[],
  count: number | undefined,
): Promise<{ readonly parts: readonly LogPart[]; readonly from: StreamOffsets }> {
  if (count === undefined) return { parts, from: BEGINNING }
  let from = BEGINNING
  let first = parts.length
  for (let missing = count; first > 0 && (missing > 0 || first === parts.length); ) {
    const { file } = parts[first - 1] as LogPart
    const found = await findTail(file, { size: (await file.stat()).size, count: missing })
    if (found.lines === 0 && first < parts.length) break
    from = found.from
    missing -= found.lines
    first -= 1
  }
  for (const { file } of parts.slice(0, first)) await file.close()
  return { parts: parts.slice(first), from }
}
