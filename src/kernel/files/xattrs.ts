import { check, lastErrno } from '../native/call.ts'
import { libc } from '../native/libc.ts'

const ENODATA = 61
const EOPNOTSUPP = 95
/** XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
const XATTR_MAX = 65_536

const scratch = Buffer.alloc(XATTR_MAX)

/** The value of an extended attribute of the file itself, never of what a link names; undefined when it has none. */
export function getXattr(path: string, name: string): Buffer | undefined {
  const length = libc.lgetxattr(path, name, scratch, scratch.length)
  if (length < 0 && (lastErrno() === ENODATA || lastErrno() === EOPNOTSUPP)) return undefined
  check(length, 'lgetxattr', path)
  return Buffer.from(scratch.subarray(0, length))
}

/** Names of all extended attributes of the file itself; none where the filesystem knows no such thing. */
export function listXattrs(path: string): readonly string[] {
  const length = libc.llistxattr(path, scratch, scratch.length)
  if (length < 0 && lastErrno() === EOPNOTSUPP) return []
  check(length, 'llistxattr', path)
  return scratch
    .toString('utf8', 0, length)
    .split('\0')
    .filter((name) => name !== '')
}

export function setXattr(path: string, name: string, value: Uint8Array): void {
  check(libc.lsetxattr(path, name, value, value.length, 0), 'lsetxattr', path)
}
