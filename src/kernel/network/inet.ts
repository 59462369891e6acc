import { isIPv4, isIPv6 } from 'node:net'

/** Four or sixteen bytes in network order; the zone of an IPv6 address is left out. Throws a TypeError for other text. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  if (!isIPv6(address)) throw new TypeError(`not an IP address: ${JSON.stringify(address)}`)
  const [left = '', right] = hexGroups(address).split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const bytes = Buffer.alloc(16)
  for (const [at, group] of head.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2)
  for (const [at, group] of tail.entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 16 - (tail.length - at) * 2)
  }
  return bytes
}

/** Without zone; `::ffff:1.2.3.4` becomes groups of hex digits alone. */
function hexGroups(address: string): string {
  const [text = ''] = address.split('%')
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  if (!match) return text
  const [a = 0, b = 0, c = 0, d = 0] = match.slice(2).map(Number)
  return `${match[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/** The text of four or sixteen bytes; IPv6 with its longest run of zeros shortened (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0))
  const { start, length } = longestZeros(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: at - length + 1, length }
  }
  return best
}

/** Six bytes. Throws a TypeError for text that is no MAC address. */
export function macBytes(mac: string): Buffer {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) throw new TypeError(`not a MAC address: ${JSON.stringify(mac)}`)
  return Buffer.from(mac.replaceAll(':', ''), 'hex')
}

export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}
