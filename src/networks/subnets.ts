import { overlaps, type Prefix, parseCidr, sizeOf } from './address.ts'

/** A stock of subnets: `base` cut into subnets of `size` bits. */
export interface AddressPool {
  readonly base: Prefix
  readonly size: number
}

/** Docker's own pools for networks that name no subnet: 172.17 to 172.31 and then 192.168 in twentieths. */
export const DEFAULT_POOLS: readonly AddressPool[] = [
  ...Array.from({ length: 15 }, (_, index) => pool(`172.${17 + index}.0.0/16`, 16)),
  pool('192.168.0.0/16', 20),
]

/** The first subnet of the pools that overlaps none of `taken`; undefined when all are used up. */
export function nextSubnet(pools: readonly AddressPool[], taken: readonly Prefix[]): Prefix | undefined {
  for (const { base, size } of pools) {
    const end = base.base + sizeOf(base)
    for (let at = base.base; at < end; ) {
      const candidate = { family: base.family, base: at, bits: size }
      const obstacle = taken.find((other) => overlaps(candidate, other))
      if (!obstacle) return candidate
      at = roundUp(obstacle.base + sizeOf(obstacle), sizeOf(candidate))
    }
  }
  return undefined
}

function roundUp(value: bigint, step: bigint): bigint {
  return ((value + step - 1n) / step) * step
}

function pool(cidr: string, size: number): AddressPool {
  const parsed = parseCidr(cidr)
  if (!parsed) throw new TypeError(`not a subnet: ${cidr}`)
  return { base: parsed.prefix, size }
}
