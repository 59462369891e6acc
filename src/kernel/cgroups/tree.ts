import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { delay, hasCode } from '../../base/index.ts'

/** Folders of control groups. They hold no files of their own: to make and remove one takes mkdir and rmdir. */

const MOST_ATTEMPTS = 200
const LONGEST_PAUSE_MS = 20

/** Removes a folder and those below. EBUSY, which lasts until the dead are reaped, is waited out for some 4 seconds. */
export async function removeTree(folder: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      removeNow(folder)
      return
    } catch (error) {
      if (!hasCode(error, 'EBUSY') || attempt === MOST_ATTEMPTS) throw error
      await delay(Math.min(attempt, LONGEST_PAUSE_MS))
    }
  }
}

function removeNow(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    const children = childFolders(folder)
    if (children.length === 0) throw error
    for (const name of children) removeNow(join(folder, name))
    rmdirSync(folder)
  }
}

/** Process ids in a folder and those below it. */
export function processesBelow(folder: string): number[] {
  const own = (readIfThere(join(folder, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number)
  // 0 stands for a process of another pid namespace, of which nothing can be said.
  return [
    ...own.filter((pid) => pid > 0),
    ...childFolders(folder).flatMap((name) => processesBelow(join(folder, name))),
  ]
}

export function childFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

/** A control file; undefined when it is not there. Of a threaded cgroup, cgroup.procs is not either: EOPNOTSUPP. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isGone(error) || hasCode(error, 'EOPNOTSUPP', 'ENOTSUP')) return undefined
    throw error
  }
}

/** A cgroup may be removed between any two calls; its open files then say ENODEV. */
function isGone(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENODEV')
}
