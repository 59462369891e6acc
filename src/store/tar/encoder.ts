import type { TarEntry } from '../contract.ts'
import { BLOCK } from './header.ts'
import { encodeName } from './name.ts'
import { encodePax, encodePaxTime, type PaxRecords } from './pax.ts'

const TYPEFLAGS: Readonly<Record<TarEntry['type'], string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

const MAX_7 = 0o7777777
const MAX_11 = 0o77777777777
const SECOND = 1_000_000_000n

/**
 * The header blocks of a member: ustar, with a pax header before it for what ustar cannot hold (long names, large
 * numbers, fractions of seconds, xattrs). The body follows, then `paddingOf(size)` zero bytes.
 */
export function encodeEntry(entry: TarEntry): Buffer {
  const name = encodeName(entry.type === 'directory' && !entry.name.endsWith('/') ? `${entry.name}/` : entry.name)
  const linkName = encodeName(entry.linkName ?? '')
  const split = splitName(name)
  const records = extendedRecords(entry, { name: split ? undefined : name, linkName })
  const header = encodeBlock(entry, { typeflag: TYPEFLAGS[entry.type], linkName, ...(split ?? { name }) })
  if (records.length === 0) return header
  const pax = encodePax(records)
  const carrier = encodeBlock(
    { mode: 0o644, uid: 0, gid: 0, size: pax.length, mtime: 0n },
    { typeflag: 'x', name: Buffer.from('PaxHeaders/x'), linkName: Buffer.alloc(0) },
  )
  return Buffer.concat([carrier, pax, Buffer.alloc(paddingOf(pax.length)), header])
}

/** Zero bytes between a body of that size and the next header. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** What stands at the end of an archive. */
export const TRAILER = Buffer.alloc(2 * BLOCK)

/** What only an extended header can say about this entry. */
function extendedRecords(entry: TarEntry, long: { name: Buffer | undefined; linkName: Buffer }): PaxRecords {
  const records: [string, Buffer][] = []
  const add = (key: string, value: Buffer | number): number =>
    records.push([key, typeof value === 'number' ? Buffer.from(`${value}`) : value])
  if (long.name) add('path', long.name)
  if (long.linkName.length > 100) add('linkpath', long.linkName)
  if (entry.size > MAX_11) add('size', entry.size)
  if (entry.uid > MAX_7) add('uid', entry.uid)
  if (entry.gid > MAX_7) add('gid', entry.gid)
  if (encodeName(entry.uname ?? '').length > 32) add('uname', encodeName(entry.uname ?? ''))
  if (encodeName(entry.gname ?? '').length > 32) add('gname', encodeName(entry.gname ?? ''))
  if (entry.mtime < 0n || entry.mtime % SECOND !== 0n || entry.mtime / SECOND > MAX_11) {
    add('mtime', encodePaxTime(entry.mtime))
  }
  for (const [key, value] of entry.xattrs ?? []) add(`SCHILY.xattr.${key}`, value)
  return records
}

/** Splits a name between ustar's prefix and name at a slash; undefined when it does not fit. */
function splitName(name: Buffer): { name: Buffer; prefix?: Buffer } | undefined {
  if (name.length <= 100) return { name }
  if (name.length > 256) return undefined
  // The last byte may be a directory's slash, which belongs to the name.
  const at = name.subarray(0, Math.min(156, name.length - 1)).lastIndexOf(0x2f)
  if (at < 1 || name.length - at - 1 > 100) return undefined
  return { name: name.subarray(at + 1), prefix: name.subarray(0, at) }
}

function encodeBlock(
  entry: Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'major' | 'minor' | 'uname' | 'gname'>,
  fields: { typeflag: string; name: Buffer; prefix?: Buffer; linkName: Buffer },
): Buffer {
  const block = Buffer.alloc(BLOCK)
  const seconds = entry.mtime < 0n || entry.mtime / SECOND > MAX_11 ? 0 : Number(entry.mtime / SECOND)
  fields.name.copy(block, 0, 0, 100)
  putOctal(block, { at: 100, size: 8, value: entry.mode & 0o7777 })
  putOctal(block, { at: 108, size: 8, value: Math.min(entry.uid, MAX_7) })
  putOctal(block, { at: 116, size: 8, value: Math.min(entry.gid, MAX_7) })
  putOctal(block, { at: 124, size: 12, value: Math.min(entry.size, MAX_11) })
  putOctal(block, { at: 136, size: 12, value: seconds })
  block.fill(0x20, 148, 156)
  block.write(fields.typeflag, 156, 'latin1')
  fields.linkName.copy(block, 157, 0, 100)
  block.write('ustar\x0000', 257, 'latin1')
  encodeName(entry.uname ?? '').copy(block, 265, 0, 32)
  encodeName(entry.gname ?? '').copy(block, 297, 0, 32)
  putNumber(block, { at: 329, size: 8, value: entry.major ?? 0 })
  putNumber(block, { at: 337, size: 8, value: entry.minor ?? 0 })
  fields.prefix?.copy(block, 345, 0, 155)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function putOctal(block: Buffer, { at, size, value }: { at: number; size: number; value: number }): void {
  block.write(value.toString(8).padStart(size - 1, '0'), at, 'latin1')
}

/** Octal where it fits, else GNU's base-256, which every reader of large device numbers knows. */
function putNumber(block: Buffer, { at, size, value }: { at: number; size: number; value: number }): void {
  if (value <= MAX_7) {
    putOctal(block, { at, size, value })
  } else {
    block.writeUIntBE(value, at + size - 6, 6)
    block[at] = 0x80
  }
}
