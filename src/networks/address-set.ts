import { type Address, contains, lastOf, type Prefix, sizeOf } from './address.ts'

/**
 * Which addresses of a subnet are taken: one bit each, in words made when first used, so that a /64 costs nothing.
 * The network address and, in IPv4, the broadcast address are never given out.
 */
export interface AddressSet {
  readonly subnet: Prefix
  /** Takes the lowest free address of `range` (default: the subnet), as Docker does; undefined when there is none. */
  takeNext(range?: Prefix): Address | undefined
  /** Takes that address; false when it is taken already. */
  take(address: Address): boolean
  release(address: Address): void
}

const WORD = 32n
const FULL = 0xffff_ffff

export function createAddressSet(subnet: Prefix): AddressSet {
  const words = new Map<bigint, number>()

  function take(address: Address): boolean {
    const { word, mask } = place(address)
    const bits = words.get(word) ?? 0
    if ((bits & mask) !== 0) return false
    words.set(word, (bits | mask) >>> 0)
    return true
  }

  function release(address: Address): void {
    const { word, mask } = place(address)
    const left = ((words.get(word) ?? 0) & ~mask) >>> 0
    if (left === 0) words.delete(word)
    else words.set(word, left)
  }

  function takeNext(range: Prefix = subnet): Address | undefined {
    const end = lastOf(range).value - subnet.base
    for (let offset = range.base - subnet.base; offset <= end; ) {
      const free = firstFree(offset)
      if (free === undefined) {
        offset = (offset / WORD + 1n) * WORD
        continue
      }
      if (free > end) return undefined
      const address = { family: subnet.family, value: subnet.base + free }
      take(address)
      return address
    }
    return undefined
  }

  /** The first free offset at or after `offset` within its word. */
  function firstFree(offset: bigint): bigint | undefined {
    const word = offset / WORD
    const before = (1 << Number(offset % WORD)) - 1
    const taken = ((words.get(word) ?? 0) | before) >>> 0
    return taken === FULL ? undefined : word * WORD + BigInt(lowestClearBit(taken))
  }

  function place(address: Address): { word: bigint; mask: number } {
    if (!contains(subnet, address)) throw new RangeError('address outside its subnet')
    const offset = address.value - subnet.base
    return { word: offset / WORD, mask: (1 << Number(offset % WORD)) >>> 0 }
  }

  if (sizeOf(subnet) > 2n) {
    take({ family: subnet.family, value: subnet.base })
    if (subnet.family === 4) take(lastOf(subnet))
  }
  return { subnet, takeNext, take, release }
}

function lowestClearBit(word: number): number {
  const lowest = ~word & (word + 1)
  return 31 - Math.clz32(lowest)
}
