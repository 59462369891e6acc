import { isIP, SocketAddress } from 'node:net'

type Family = 4 | 6

/** An IP address as a number, so that ranges are arithmetic. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

/** A subnet or range: `base` has no bit set behind the first `bits`. */
export interface Prefix {
  readonly family: Family
  readonly base: bigint
  readonly bits: number
}

/** Reads IPv4 or IPv6 text without zone; undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const family = text.includes('%') ? 0 : isIP(text)
  if (family === 4) return { family, value: groupsToValue(text.split('.').map(Number), 8n) }
  if (family === 6) return { family, value: groupsToValue(groupsOf(text), 16n) }
  return undefined
}

/** The canonical text: dotted for IPv4, RFC 5952 for IPv6. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return valueToGroups(value, { count: 4, bits: 8n }).join('.')
  const groups = valueToGroups(value, { count: 8, bits: 16n }).map((group) => group.toString(16))
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address
}

/** Reads `172.17.0.1/16`: the address as written and its subnet; undefined when it is not of that form. */
export function parseCidr(text: string): { readonly address: Address; readonly prefix: Prefix } | undefined {
  const [, host, length] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const address = host === undefined ? undefined : parseAddress(host)
  const bits = Number(length)
  if (!address || bits > widthOf(address.family)) return undefined
  return { address, prefix: prefixOf(address, bits) }
}

/** The subnet of `bits` length that `address` is in. */
export function prefixOf({ family, value }: Address, bits: number): Prefix {
  const hostBits = BigInt(widthOf(family) - bits)
  return { family, base: (value >> hostBits) << hostBits, bits }
}

export function formatPrefix({ family, base, bits }: Prefix): string {
  return `${formatAddress({ family, value: base })}/${bits}`
}

/** How many addresses a prefix has. */
export function sizeOf({ family, bits }: Prefix): bigint {
  return 1n << BigInt(widthOf(family) - bits)
}

export function lastOf(prefix: Prefix): Address {
  return { family: prefix.family, value: prefix.base + sizeOf(prefix) - 1n }
}

export function contains(prefix: Prefix, { family, value }: Address): boolean {
  return family === prefix.family && value >= prefix.base && value < prefix.base + sizeOf(prefix)
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a)
}

export function isLoopback({ family, value }: Address): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n
}

/** The address's bytes in network order: 4 or 16. */
export function addressBytes(text: string): Buffer {
  const address = parseAddress(text)
  if (!address) throw new TypeError(`not an IP address: ${text}`)
  return Buffer.from(valueToGroups(address.value, { count: widthOf(address.family) / 8, bits: 8n }))
}

/** The locally administered MAC that Docker derives from an IPv4 address: `02:42:ac:11:00:02`. */
export function macOf(address: string): string {
  return ['02', '42', ...[...addressBytes(address)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
}

function widthOf(family: Family): number {
  return family === 4 ? 32 : 128
}

function groupsToValue(groups: readonly number[], bits: bigint): bigint {
  return groups.reduce((value, group) => (value << bits) | BigInt(group), 0n)
}

function valueToGroups(value: bigint, { count, bits }: { count: number; bits: bigint }): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number((value >> (BigInt(count - 1 - index) * bits)) & ((1n << bits) - 1n)),
  )
}

/** The eight groups of an IPv6 text, with `::` and a dotted tail spread out. */
function groupsOf(text: string): number[] {
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  )
  const [head = '', tail] = hex.split('::')
  const left = splitGroups(head)
  const right = splitGroups(tail ?? '')
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

function splitGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
