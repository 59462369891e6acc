import { randomBytes } from 'node:crypto'
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface AtomicWriteOptions {
  /** Permission bits of the new file. Default 0644. */
  readonly mode?: number
  /** When true (the default) file and folder are synced, so that the content survives a power cut. */
  readonly durable?: boolean
}

/** Replaces `path` by rename: readers see the old content or the new, never a part. Fails leaving the old in place. */
export function writeFileAtomic(path: string, data: string | Uint8Array, options: AtomicWriteOptions = {}): void {
  const { mode = 0o644, durable = true } = options
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const fd = openSync(aside, 'wx', mode)
    try {
      writeFileSync(fd, data)
      fchmodSync(fd, mode)
      if (durable) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
  if (durable) syncFolder(dirname(path))
}

/** Makes renames and unlinks in `path` durable. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
