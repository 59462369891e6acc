import type { AbortOptions } from '../../base/index.ts'
import type { LogRecord, StreamName } from '../contract.ts'
import { readRecords } from './log-file.ts'
import { hasMovedOn, type LogPart, openLogParts } from './log-files.ts'

export interface PartsOptions extends AbortOptions {
  /** Records of the first file that begin before its stream's offset are passed over. */
  readonly from: Readonly<Record<StreamName, number>>
  /** Keeps following, over rotations too, until this has settled and all is read. */
  readonly ended?: Promise<unknown> | undefined
}

const BEGINNING: Readonly<Record<StreamName, number>> = { stdout: 0, stderr: 0 }

/** Records of a log from some of its files on, which are closed at the end. Each comes once, in order. */
export async function* readParts(
  path: string,
  { parts, ...options }: PartsOptions & { readonly parts: readonly LogPart[] },
): AsyncGenerator<readonly LogRecord[]> {
  const { ended, signal } = options
  let { from } = options
  let waiting = [...parts]
  try {
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      const current = part
      try {
        const follow = waiting.length === 0 && ended ? { ended, hasMovedOn: () => hasMovedOn(path, current) } : {}
        yield* readRecords(current.file, { from, path, signal, ...follow })
        if (waiting.length === 0 && ended && !signal?.aborted) waiting = await openNewer(path, current)
      } finally {
        await current.file.close()
      }
      from = BEGINNING
    }
  } finally {
    for (const { file } of waiting) await file.close()
  }
}

/** The files that have come after this one; all of them when it is not kept any more. */
async function openNewer(path: string, { inode }: LogPart): Promise<LogPart[]> {
  const parts = await openLogParts(path)
  const known = parts.findIndex((part) => part.inode === inode) + 1
  for (const { file } of parts.slice(0, known)) await file.close()
  return parts.slice(known)
}
