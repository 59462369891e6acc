import { type BigIntStats, readlinkSync } from 'node:fs'
import { getXattr, listXattrs } from '../../kernel/index.ts'
import type { TarEntry } from '../contract.ts'
import { decodeName, encodeName } from '../tar/name.ts'

/** Attributes that belong to overlayfs or to the host's policy, not to the content. */
const LEFT_OUT = /^(?:trusted\.overlay\.|security\.selinux$)/

/** The archive entry of a node on disk; undefined for sockets, which archives do not hold. */
export function describeNode(path: string, { stat, name }: { stat: BigIntStats; name: string }): TarEntry | undefined {
  const type = typeOf(stat)
  if (type === undefined) return undefined
  const xattrs = readXattrs(path)
  return {
    name,
    type,
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: type === 'file' ? Number(stat.size) : 0,
    mtime: stat.mtimeNs,
    ...(type === 'symlink' && { linkName: decodeName(readlinkSync(encodeName(path), 'buffer')) }),
    ...((type === 'character' || type === 'block') && deviceNumbers(stat.rdev)),
    ...(xattrs.size > 0 && { xattrs }),
  }
}

/** Attributes of a node itself. Those of a path that is not text are not read. */
function readXattrs(path: string): Map<string, Buffer> {
  const xattrs = new Map<string, Buffer>()
  if (!path.isWellFormed()) return xattrs
  for (const name of listXattrs(path)) {
    if (LEFT_OUT.test(name)) continue
    const value = getXattr(path, name)
    if (value !== undefined) xattrs.set(name, value)
  }
  return xattrs
}

function typeOf(stat: BigIntStats): TarEntry['type'] | undefined {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isCharacterDevice()) return 'character'
  if (stat.isBlockDevice()) return 'block'
  return stat.isFIFO() ? 'fifo' : undefined
}

/** The kernel's huge device encoding (linux/kdev_t.h, new_encode_dev) taken apart. */
function deviceNumbers(rdev: bigint): { major: number; minor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn)
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn)
  return { major: Number(major & 0xffffffffn), minor: Number(minor & 0xffffffffn) }
}
