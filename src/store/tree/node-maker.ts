import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  constants,
  lchownSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { makeNode, setTimes, setXattr } from '../../kernel/index.ts'
import type { TarEntry } from '../contract.ts'
import { encodeName, hostPath } from '../tar/name.ts'

const NODE_TYPES = { character: 0o020000, block: 0o060000, fifo: 0o010000 } as const

/** Attributes that overlayfs reads: they say how layers join, which is not an archive's to decide. */
const RESERVED_XATTR = /^trusted\.overlay\./

const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW

/** Makes an empty file and gives its descriptor, which the caller closes. Fails with EEXIST when the path is taken. */
export function createFile(path: string, mode: number): number {
  return openSync(hostPath(path), NEW_FILE, mode & 0o777)
}

/**
 * Makes the node that an entry describes (no file, no hard link) with its metadata, but for the times of a folder, which
 * its content would change. Fails with EEXIST when the path is taken and ENOENT when the parent is missing.
 */
export function createNode(path: string, entry: TarEntry): void {
  createAt(path, (place) => {
    if (entry.type === 'directory') mkdirSync(place, entry.mode & 0o777)
    else if (entry.type === 'symlink') symlinkSync(encodeName(entry.linkName ?? ''), place)
    else {
      const type = NODE_TYPES[entry.type as keyof typeof NODE_TYPES]
      makeNode(place, { mode: type | (entry.mode & 0o7777), major: entry.major ?? 0, minor: entry.minor ?? 0 })
    }
    setMetadata(place, entry)
  })
}

/** Owner, then mode and xattrs, which a change of owner takes away; then times, but not of a folder. */
export function setMetadata(path: string, entry: TarEntry): void {
  const place = hostPath(path)
  lchownSync(place, entry.uid, entry.gid)
  if (entry.type !== 'symlink') chmodSync(place, entry.mode & 0o7777)
  setXattrs(path, entry)
  if (entry.type !== 'directory') setModified(path, entry.mtime)
}

/** Sets what the filesystem can hold; a kind of attribute that it does not know is left out, as Docker does. */
export function setXattrs(path: string, entry: TarEntry): void {
  if (!entry.xattrs) return
  for (const [name, value] of entry.xattrs) {
    if (RESERVED_XATTR.test(name)) continue
    try {
      setXattr(path, name, value)
    } catch (error) {
      if (!hasCode(error, 'EOPNOTSUPP', 'ENOTSUP', 'EPERM')) throw error
    }
  }
}

export function setModified(path: string, mtime: bigint): void {
  if (path.isWellFormed()) setTimes(path, { mtime, atime: mtime })
  else lutimesSync(encodeName(path), Number(mtime) / 1e9, Number(mtime) / 1e9)
}

/**
 * Runs `work` on a path that is text, which native calls need: on `path` itself, or for a name that is not UTF-8 on one
 * beside the root's entries that is renamed afterwards.
 */
function createAt(path: string, work: (place: string) => void): void {
  if (path.isWellFormed()) {
    work(path)
    return
  }
  const place = `/.slipway-${randomBytes(8).toString('hex')}`
  try {
    work(place)
    renameSync(place, encodeName(path))
  } catch (error) {
    rmSync(place, { recursive: true, force: true })
    throw error
  }
}
