import { isUtf8 } from 'node:buffer'
import { failure } from '../../base/index.ts'

/** PATH_MAX: longer names cannot be made on Linux and are refused when they are read. */
const NAME_LIMIT = 4096

/**
 * Names in archives and on disk are bytes; here they travel as strings. A byte that is not part of valid UTF-8 stands as
 * one code unit from U+DC80 to U+DCFF, which no valid text contains, so that every name survives unchanged.
 */
export function decodeName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  if (!text.includes('\ufffd') || isUtf8(bytes)) return text
  let name = ''
  for (let at = 0; at < bytes.length; ) {
    const length = [4, 3, 2, 1].find(
      (count) => at + count <= bytes.length && isCharacter(bytes.subarray(at, at + count)),
    )
    if (length === undefined) name += String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
    else name += Buffer.from(bytes.subarray(at, at + length)).toString('utf8')
    at += length ?? 1
  }
  return name
}

/** The bytes that `decodeName` was given. */
export function encodeName(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name, 'utf8')
  const parts = [...name].map((character) => {
    const code = character.charCodeAt(0)
    return character.length === 1 && code >= 0xdc80 && code <= 0xdcff
      ? Buffer.of(code - 0xdc00)
      : Buffer.from(character)
  })
  return Buffer.concat(parts)
}

/** The name as node:fs takes it: bytes only where a string would not say the same. */
export function hostPath(name: string): string | Buffer {
  return name.isWellFormed() ? name : encodeName(name)
}

/**
 * The one judge of member names and hard link targets: a relative path without `.`, `..` or empty parts, '' for the
 * archive's root. A leading `/` is ignored and `a/../b` is `b`, as everywhere; `invalid` for a name that leads outside,
 * holds a NUL or is too long.
 */
export function memberPath(name: string): string {
  if (name.length > NAME_LIMIT)
    throw failure('invalid', `invalid name in archive: longer than ${NAME_LIMIT} characters`)
  if (name.includes('\0')) throw failure('invalid', `invalid name in archive: ${quote(name)} contains a NUL`)
  if (!NEEDS_CLEANING.test(name)) return name
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined)
      throw failure('invalid', `invalid name in archive: ${quote(name)} leads outside`)
  }
  return parts.join('/')
}

const NEEDS_CLEANING = /(?:^|\/)\.{0,2}(?:\/|$)/

/** A name as messages show it: short, control characters escaped. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
}

function isCharacter(bytes: Uint8Array): boolean {
  // One character exactly: continuation bytes only after the first.
  return isUtf8(bytes) && bytes.subarray(1).every((byte) => (byte & 0xc0) === 0x80)
}
