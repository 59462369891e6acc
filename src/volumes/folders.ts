import { chmodSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, type Log, messageOf, newId, syncFolder } from '../base/index.ts'
import { isVolumeName } from './names.ts'

/** The folders of volumes: `<root>/<name>/_data`, with Docker's permissions. */
export interface VolumeFolders {
  mountpointOf(name: string): string
  /** Makes the folder, durably; one that is there already is kept with all it has. */
  make(name: string): void
  /** Takes the folder out of its place, durably, and tells where it is now; undefined when there was none. */
  setAside(name: string): string | undefined
  /** Deletes what was set aside, in the time that takes. */
  discard(path: string): Promise<void>
  /** Volumes on disk and since when; finishes what a crash left half made or half removed. */
  recover(): readonly { readonly name: string; readonly since: bigint }[]
}

const DATA = '_data'
/** No volume's name begins with a dot. */
const REMOVED = '.removed-'

export function createVolumeFolders({ root, log }: { root: string; log: Log }): VolumeFolders {
  if (mkdirSync(root, { recursive: true }) !== undefined) chmodSync(root, 0o701)

  function make(name: string): void {
    const folder = join(root, name)
    makeFolder(folder, 0o701)
    makeFolder(join(folder, DATA), 0o755)
    syncFolder(folder)
    syncFolder(root)
  }

  function setAside(name: string): string | undefined {
    const aside = join(root, `${REMOVED}${newId()}`)
    try {
      renameSync(join(root, name), aside)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
    syncFolder(root)
    return aside
  }

  function recover(): { name: string; since: bigint }[] {
    return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
      if (!entry.isDirectory()) return []
      if (entry.name.startsWith(REMOVED)) sweep(entry.name)
      return isVolumeName(entry.name) ? look(entry.name) : []
    })
  }

  function sweep(name: string): void {
    try {
      rmSync(join(root, name), { recursive: true, force: true })
    } catch (error) {
      log.warn({ name, error: messageOf(error) }, 'cannot delete the rest of a removed volume')
    }
  }

  function look(name: string): { name: string; since: bigint }[] {
    try {
      return [{ name, since: statSync(join(root, name, DATA), { bigint: true }).birthtimeNs }]
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
    try {
      rmdirSync(join(root, name))
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY')) throw error
    }
    return []
  }

  return {
    mountpointOf: (name) => join(root, name, DATA),
    make,
    setAside,
    discard: (path) => rm(path, { recursive: true, force: true }),
    recover,
  }
}

function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path)
    chmodSync(path, mode)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}
