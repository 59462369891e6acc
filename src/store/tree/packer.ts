import { type BigIntStats, closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import type { TarEntry } from '../contract.ts'
import { encodeEntry, paddingOf, TRAILER } from '../tar/encoder.ts'
import { decodeName, hostPath } from '../tar/name.ts'
import { isOpaqueFolder, isWhiteout, lstatOrAbsent } from './lower-layers.ts'
import { describeNode } from './node-entry.ts'
import { opaqueEntry, whiteoutEntry } from './whiteouts.ts'

export interface PackTreeOptions {
  /** Absolute path of what is packed, as the thread sees it. */
  readonly path: string
  /** Its name in the archive; '' for a folder whose content alone is packed. */
  readonly name: string
  /** Writes overlay whiteouts as `.wh.` members. */
  readonly whiteouts: boolean
}

const PIECE = 1 << 18
const OPEN_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Makes the archive of a tree step by step, in pieces of 256 KiB that belong to the caller; nothing happens between two
 * steps. Names are in a fixed order, so that equal trees give equal archives. What vanishes meanwhile is left out; a file
 * that shrinks is filled with zeros. Fails with ENOENT when there is nothing at `path`. Return() closes what is open.
 */
export function* packTree({ path, name, whiteouts }: PackTreeOptions): Generator<Buffer, void, void> {
  const output = createOutput()
  /** First name of every inode with several. */
  const links = new Map<string, string>()
  const root = lstatOrAbsent(path)
  if (!root) throw Object.assign(new Error(`ENOENT: no such file or directory, ${path}`), { code: 'ENOENT' })
  yield* packNode(path, { name, stat: root })
  yield* output.put(TRAILER)
  yield* output.rest()

  function* packNode(at: string, node: { name: string; stat: BigIntStats }): Generator<Buffer, void, void> {
    const { stat } = node
    if (whiteouts && isWhiteout(stat)) {
      yield* output.put(encodeEntry(whiteoutEntry(node.name, stat.mtimeNs)))
      return
    }
    const first = firstLink(node)
    const found = describeOrSkip(at, node)
    if (!found) return
    const entry: TarEntry = first === undefined ? found : { ...found, type: 'hardlink', size: 0, linkName: first }
    if (entry.type === 'file') yield* packFile(at, entry)
    else if (entry.type === 'directory') yield* packFolder(at, entry)
    else yield* output.put(encodeEntry(entry))
  }

  function* packFolder(at: string, entry: TarEntry): Generator<Buffer, void, void> {
    if (entry.name !== '') yield* output.put(encodeEntry(entry))
    if (whiteouts && isOpaqueFolder(at)) yield* output.put(encodeEntry(opaqueEntry(entry.name, entry.mtime)))
    const prefix = entry.name === '' || entry.name === '/' ? entry.name : `${entry.name}/`
    for (const child of listFolder(at)) {
      const childPath = at === '/' ? `/${child}` : `${at}/${child}`
      const stat = lstatOrAbsent(childPath)
      if (stat) yield* packNode(childPath, { name: prefix + child, stat })
    }
  }

  function* packFile(at: string, entry: TarEntry): Generator<Buffer, void, void> {
    const fd = openFile(at)
    if (fd === undefined) return
    try {
      const size = Number(fstatSync(fd, { bigint: true }).size)
      yield* output.put(encodeEntry({ ...entry, size }))
      yield* output.fill(fd, size)
      yield* output.put(TRAILER.subarray(0, paddingOf(size)))
    } finally {
      closeSync(fd)
    }
  }

  function firstLink({ name: member, stat }: { name: string; stat: BigIntStats }): string | undefined {
    if (stat.nlink < 2n || stat.isDirectory()) return undefined
    const key = `${stat.dev}:${stat.ino}`
    const first = links.get(key)
    if (first === undefined) links.set(key, member)
    return first
  }
}

/** Collects small pieces into large ones that are given away. */
function createOutput() {
  let buffer = Buffer.allocUnsafeSlow(PIECE)
  let filled = 0

  function* put(bytes: Uint8Array): Generator<Buffer, void, void> {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + PIECE - filled)
      buffer.set(piece, filled)
      at += piece.length
      yield* advance(piece.length)
    }
  }

  /** Puts exactly `size` bytes of a file, zeros for what it does not have. */
  function* fill(fd: number, size: number): Generator<Buffer, void, void> {
    let isOver = false
    for (let left = size; left > 0; ) {
      const room = Math.min(left, PIECE - filled)
      const read: number = isOver ? 0 : readSync(fd, buffer, filled, room, null)
      isOver = read === 0
      if (isOver) buffer.fill(0, filled, filled + room)
      const count = isOver ? room : read
      left -= count
      yield* advance(count)
    }
  }

  function* advance(count: number): Generator<Buffer, void, void> {
    filled += count
    if (filled < PIECE) return
    const full = buffer
    buffer = Buffer.allocUnsafeSlow(PIECE)
    filled = 0
    yield full
  }

  function* rest(): Generator<Buffer, void, void> {
    // A copy of the right size, because whoever gets it may hand the memory on.
    if (filled > 0) yield Buffer.from(new Uint8Array(buffer.subarray(0, filled)).buffer)
    filled = 0
  }
  return { put, fill, rest }
}

/** Names in a fixed order; those that are no text are read as bytes. Nothing for a folder that is gone. */
export function listFolder(path: string): string[] {
  try {
    const names = readdirSync(hostPath(path))
    if (names.some((name) => name.includes('\ufffd'))) {
      return readdirSync(hostPath(path), 'buffer').map(decodeName).sort(byCodeUnits)
    }
    return names.sort(byCodeUnits)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function describeOrSkip(path: string, node: { name: string; stat: BigIntStats }): TarEntry | undefined {
  try {
    return describeNode(path, node)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

/** Undefined for what is gone or has become something else than a regular file. */
function openFile(path: string): number | undefined {
  let fd: number
  try {
    fd = openSync(hostPath(path), OPEN_FILE)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return undefined
    throw error
  }
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  return undefined
}
