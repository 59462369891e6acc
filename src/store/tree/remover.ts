import { randomBytes } from 'node:crypto'
import { renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { hostPath } from '../tar/name.ts'
import { listFolder } from './packer.ts'

/** Nodes deleted in one step. */
const STEP = 500
/** Deeper paths come near PATH_MAX and could not be named any more. */
const LONGEST_PATH = 2000

/**
 * Deletes all that is in the thread's root, step by step; the root itself stays. What vanishes meanwhile is fine. Fails
 * with EBUSY at a mount point, never looking into it.
 */
export function* removeContent(): Generator<void, void, void> {
  const waiting = ['/']
  let count = 0
  while (waiting.length > 0) {
    const folder = waiting.at(-1) ?? '/'
    if (folder !== '/' && tryRemoveFolder(folder)) {
      waiting.pop()
      continue
    }
    const children = listFolder(folder)
    for (const child of children) {
      count += 1
      if (count % STEP === 0) yield
      const path = folder === '/' ? `/${child}` : `${folder}/${child}`
      if (!tryUnlink(path)) waiting.push(path.length > LONGEST_PATH ? bringUp(path) : path)
    }
    if (folder === '/' && waiting.length === 1) return
  }
}

/** False for a folder. */
function tryUnlink(path: string): boolean {
  try {
    unlinkSync(hostPath(path))
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true
    if (hasCode(error, 'EISDIR', 'EPERM')) return false
    throw error
  }
}

/**
 * False for a folder that is not empty. Asked before the folder is read, because the kernel refuses a mount point here
 * first of all.
 */
function tryRemoveFolder(path: string): boolean {
  try {
    rmdirSync(hostPath(path))
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false
    throw error
  }
}

/** Moves a folder from the depths to the root, where its path is short again. */
function bringUp(path: string): string {
  const place = `/.slipway-${randomBytes(8).toString('hex')}`
  renameSync(hostPath(path), place)
  return place
}
