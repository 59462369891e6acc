import { failure } from '../../base/index.ts'
import type { TarEntry } from '../contract.ts'
import type { RawHeader } from './header.ts'
import { decodeName } from './name.ts'
import { decodePaxInteger, decodePaxTime, type PaxRecords } from './pax.ts'

/** Extended headers that stand before a member and change what its own header says. */
export interface Extensions {
  readonly pax?: PaxRecords
  /** GNU's long name and long link name. */
  readonly name?: Buffer
  readonly linkName?: Buffer
}

const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  D: 'directory',
  '6': 'fifo',
}

const XATTR = 'SCHILY.xattr.'

/** The member that a header and its extensions describe. `invalid` for types that stand for no file. */
export function composeEntry(raw: RawHeader, extensions: Extensions): TarEntry {
  const pax = new Map(extensions.pax)
  const name = decodeName(extensions.name ?? value(pax, 'GNU.sparse.name') ?? value(pax, 'path') ?? raw.name)
  const type = typeOf(raw, name)
  const linkName = decodeName(extensions.linkName ?? value(pax, 'linkpath') ?? raw.linkName)
  const xattrs = xattrsOf(pax)
  const uname = decodeName(value(pax, 'uname') ?? raw.uname)
  const gname = decodeName(value(pax, 'gname') ?? raw.gname)
  const mtime = value(pax, 'mtime')
  return {
    name,
    type,
    mode: raw.mode,
    uid: unsigned(integer(pax, 'uid') ?? raw.uid),
    gid: unsigned(integer(pax, 'gid') ?? raw.gid),
    size: type === 'file' ? logicalSize(pax, raw.size) : 0,
    mtime: mtime === undefined ? BigInt(raw.mtime) * 1_000_000_000n : decodePaxTime(mtime),
    ...((type === 'symlink' || type === 'hardlink') && { linkName }),
    ...((type === 'character' || type === 'block') && { major: unsigned(raw.major), minor: unsigned(raw.minor) }),
    ...(xattrs.size > 0 && { xattrs }),
    ...(uname !== '' && { uname }),
    ...(gname !== '' && { gname }),
  }
}

/** Bytes that follow the header in the archive. Links, folders and devices have none, whatever the header says. */
export function packedSize(raw: RawHeader, extensions: Extensions): number {
  const type = TYPES[raw.typeflag]
  if (type !== 'file' && raw.typeflag !== 'D') return 0
  return integer(new Map(extensions.pax), 'size') ?? raw.size
}

function typeOf(raw: RawHeader, name: string): TarEntry['type'] {
  const type = TYPES[raw.typeflag]
  if (type === undefined) throw failure('invalid', `unsupported tar entry type ${JSON.stringify(raw.typeflag)}`)
  return raw.typeflag === '\0' && name.endsWith('/') ? 'directory' : type
}

/** The size with its holes. */
function logicalSize(pax: ReadonlyMap<string, Buffer>, size: number): number {
  return integer(pax, 'GNU.sparse.realsize') ?? integer(pax, 'GNU.sparse.size') ?? integer(pax, 'size') ?? size
}

function xattrsOf(pax: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const xattrs = new Map<string, Buffer>()
  for (const [key, bytes] of pax) {
    if (key.startsWith(XATTR) && key.length > XATTR.length) xattrs.set(key.slice(XATTR.length), bytes)
  }
  return xattrs
}

function integer(pax: ReadonlyMap<string, Buffer>, key: string): number | undefined {
  const bytes = value(pax, key)
  if (bytes === undefined) return undefined
  const number = decodePaxInteger(bytes)
  if (number < 0) throw failure('invalid', `invalid tar header: negative ${key}`)
  return number
}

/** Ids and device numbers have 32 bits; old writers gave the upper half as negative numbers. */
function unsigned(number: number): number {
  if (number >= -(2 ** 31) && number < 2 ** 32) return number >>> 0
  throw failure('invalid', `invalid tar header: ${number} does not fit in 32 bits`)
}

/** An empty record takes back an earlier one: the header's own field counts. */
function value(pax: ReadonlyMap<string, Buffer>, key: string): Buffer | undefined {
  const bytes = pax.get(key)
  return bytes === undefined || bytes.length === 0 ? undefined : bytes
}
