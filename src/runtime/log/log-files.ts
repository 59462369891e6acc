import { type FileHandle, open, stat } from 'node:fs/promises'
import { hasCode } from '../../base/index.ts'

/** One file of a log. The one that is written has the log's own name; older ones have `.1`, `.2` and so on behind it. */
export interface LogPart {
  readonly file: FileHandle
  /** Tells it from all others as long as it is open, whatever its name is by then. */
  readonly inode: bigint
}

/**
 * The files of a log, the oldest first; none when there is no log. A rotation may be going on: names move to older
 * files, so that looking from the newest on misses nothing. The caller closes them all.
 */
export async function openLogParts(path: string): Promise<readonly LogPart[]> {
  const parts: LogPart[] = []
  await using undo = new AsyncDisposableStack()
  // While a rotation goes on, one name may be missing.
  for (let number = 0, missing = 0; missing < 2; number += 1) {
    const file = await openIfThere(number === 0 ? path : rotatedPath(path, number))
    if (!file) {
      missing += 1
      continue
    }
    missing = 0
    undo.use(file)
    const { ino } = await file.stat({ bigint: true })
    if (parts.some(({ inode }) => inode === ino)) await file.close()
    else parts.unshift({ file, inode: ino })
  }
  undo.move()
  return parts
}

export function rotatedPath(path: string, number: number): string {
  return `${path}.${number}`
}

/** True when the log goes on in another file: nothing more will be written into this one. */
export async function hasMovedOn(path: string, { inode }: LogPart): Promise<boolean> {
  try {
    return (await stat(path, { bigint: true })).ino !== inode
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
