/** Attributes of netlink, netlink(7): length, type and data, aligned to four bytes. Hosts of ours are little endian. */

export const NLA_F_NESTED = 0x8000
const TYPE_MASK = 0x3fff
const LONGEST = 0xffff

/** Netlink aligns everything to four bytes. */
export function align(length: number): number {
  return Math.ceil(length / 4) * 4
}

/** Throws a RangeError for data that no attribute can hold: 64 KiB. */
export function attribute(type: number, data: Uint8Array): Buffer {
  const length = 4 + data.length
  if (length > LONGEST) throw new RangeError(`${data.length} bytes do not fit into a netlink attribute`)
  const bytes = Buffer.alloc(align(length))
  bytes.writeUInt16LE(length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(data, 4)
  return bytes
}

export function nested(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return attribute(type, Buffer.concat(parts))
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

/** In network order, which netfilter uses. */
export function u32be(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** With the NUL that the kernel wants at its end, and with none before. */
export function text(value: string): Buffer {
  if (value.includes('\0')) throw new TypeError(`a NUL in a name: ${JSON.stringify(value)}`)
  return Buffer.from(`${value}\0`)
}

/** Attributes of a payload by type; of a repeated type the last. What is cut off or no attribute ends the list. */
export function parseAttributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) break
    found.set(bytes.readUInt16LE(at + 2) & TYPE_MASK, bytes.subarray(at + 4, at + length))
    at += align(length)
  }
  return found
}

/** The number in an attribute; undefined when it is absent or too short. */
export function readU32(bytes: Buffer | undefined): number | undefined {
  return bytes && bytes.length >= 4 ? bytes.readUInt32LE(0) : undefined
}

/** The text in an attribute, up to its NUL. */
export function readText(bytes: Buffer | undefined): string | undefined {
  if (!bytes) return undefined
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
