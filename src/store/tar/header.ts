import { failure } from '../../base/index.ts'

export const BLOCK = 512

/** A header block as it stands, before extended headers are applied to it. */
export interface RawHeader {
  readonly typeflag: string
  /** Full name with the ustar prefix in front. Not decoded: see decodeName. */
  readonly name: Buffer
  readonly linkName: Buffer
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly uname: Buffer
  readonly gname: Buffer
  readonly major: number
  readonly minor: number
}

const EMPTY = Buffer.alloc(0)

export function isZeroBlock(block: Buffer): boolean {
  for (let at = 0; at < BLOCK; at += 1) if (block[at] !== 0) return false
  return true
}

/** Reads v7, ustar, star and GNU headers. `invalid` when the checksum or a number is wrong. */
export function decodeHeader(block: Buffer): RawHeader {
  verifyChecksum(block)
  const magic = block.toString('latin1', 257, 265)
  const isPosix = magic.startsWith('ustar\0')
  const isKnown = isPosix || magic === 'ustar  \0'
  const prefix = isPosix
    ? field(block, { at: 345, size: block.toString('latin1', 508, 512) === 'tar\0' ? 131 : 155 })
    : EMPTY
  const name = field(block, { at: 0, size: 100 })
  return {
    typeflag: block.toString('latin1', 156, 157),
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name,
    linkName: field(block, { at: 157, size: 100 }),
    mode: decodeNumber(block, { at: 100, size: 8 }) & 0o7777,
    uid: decodeNumber(block, { at: 108, size: 8 }),
    gid: decodeNumber(block, { at: 116, size: 8 }),
    size: decodeSize(block, { at: 124, size: 12 }),
    mtime: decodeNumber(block, { at: 136, size: 12 }),
    uname: isKnown ? field(block, { at: 265, size: 32 }) : EMPTY,
    gname: isKnown ? field(block, { at: 297, size: 32 }) : EMPTY,
    major: isKnown ? decodeNumber(block, { at: 329, size: 8 }) : 0,
    minor: isKnown ? decodeNumber(block, { at: 337, size: 8 }) : 0,
  }
}

/** Octal text between blanks, or base-256 when the top bit is set (GNU; negative ones too). */
function decodeNumber(block: Buffer, { at, size }: { at: number; size: number }): number {
  const first = block[at] ?? 0
  return first & 0x80 ? decodeBase256(block.subarray(at, at + size)) : decodeOctal(block, { at, size })
}

/** A number that cannot be negative. */
export function decodeSize(block: Buffer, where: { at: number; size: number }): number {
  const value = decodeNumber(block, where)
  if (value < 0) throw failure('invalid', 'invalid tar header: negative size')
  return value
}

function decodeOctal(block: Buffer, { at, size }: { at: number; size: number }): number {
  let start = at
  let end = at + size
  while (start < end && isBlank(block[start])) start += 1
  let value = 0
  for (; start < end; start += 1) {
    const digit = (block[start] ?? 0) - 0x30
    if (digit < 0 || digit > 7) break
    value = value * 8 + digit
  }
  // Whatever follows the first NUL is not part of the field.
  const nul = block.indexOf(0, start)
  if (nul >= 0 && nul < end) end = nul
  while (start < end && isBlank(block[start])) start += 1
  if (start < end) throw failure('invalid', 'invalid tar header: a number is not octal')
  return value
}

function decodeBase256(bytes: Buffer): number {
  const isNegative = ((bytes[0] ?? 0) & 0x40) !== 0
  let value = isNegative ? -1n : 0n
  for (const [index, byte] of bytes.entries()) {
    // The top bit of the first byte is the marker; the bit below is the sign.
    const digit = index > 0 ? byte : isNegative ? byte | 0x80 : byte & 0x7f
    value = (value << 8n) | BigInt(digit)
  }
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw failure('invalid', 'invalid tar header: a number is too large')
  return number
}

/** The sum with the checksum's own field as blanks; some old writers summed signed bytes. */
function verifyChecksum(block: Buffer): void {
  let unsigned = 0
  let high = 0
  for (let at = 0; at < BLOCK; at += 1) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0)
    unsigned += byte
    if (byte > 0x7f) high += 1
  }
  const stated = decodeOctal(block, { at: 148, size: 8 })
  if (stated !== unsigned && stated !== unsigned - 256 * high) {
    throw failure('invalid', 'invalid tar header: checksum mismatch')
  }
}

function field(block: Buffer, { at, size }: { at: number; size: number }): Buffer {
  const end = block.indexOf(0, at)
  // A copy, because the block is overwritten by the next one.
  return Buffer.from(block.subarray(at, end < 0 || end > at + size ? at + size : end))
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0
}
