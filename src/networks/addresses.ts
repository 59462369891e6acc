import { failure } from '../base/index.ts'
import { type Address, contains, formatAddress, parseAddress, parseCidr } from './address.ts'
import { type AddressSet, createAddressSet } from './address-set.ts'
import type { Network } from './contract.ts'

/** Which addresses of which network are in use. */
export interface Addresses {
  /** The lowest free address, or `wanted`. `unavailable`, `forbidden` or `invalid` with Docker's text. */
  take(network: Network, wanted?: string): string
  /** Notes an address that its owner has already; one that is outside the network's subnet by now is ignored. */
  adopt(network: Network, address: string): void
  release(network: Network, address: string): void
  /** Forgets a network that has gone. */
  drop(network: Network): void
}

export function createAddresses(): Addresses {
  const sets = new Map<string, AddressSet>()

  /** The set of a network, made anew when the network has got another subnet. */
  function setOf({ id, ipam, name }: Network): AddressSet {
    const [subnet] = ipam.subnets
    const parsed = subnet && parseCidr(subnet.subnet)
    if (!parsed) throw new TypeError(`network ${name} has no subnet`)
    const key = `${id} ${subnet.subnet} ${subnet.gateway}`
    const known = sets.get(key)
    if (known) return known
    const made = createAddressSet(parsed.prefix)
    for (const reserved of [subnet.gateway ?? '', ...Object.values(subnet.auxAddresses ?? {})]) {
      const address = parseAddress(reserved)
      if (address && contains(parsed.prefix, address)) made.take(address)
    }
    sets.set(key, made)
    return made
  }

  function take(network: Network, wanted?: string): string {
    const set = setOf(network)
    if (wanted !== undefined) return takeWanted(set, wanted)
    const [subnet] = network.ipam.subnets
    const range = subnet?.ipRange === undefined ? undefined : parseCidr(subnet.ipRange)?.prefix
    const address = set.takeNext(range)
    if (!address) throw failure('unavailable', 'no available addresses on this pool')
    return formatAddress(address)
  }

  function takeWanted(set: AddressSet, wanted: string): string {
    const address = parseAddress(wanted)
    if (!address) throw failure('invalid', `invalid IP address: ${wanted}`)
    if (!contains(set.subnet, address)) throw failure('invalid', 'requested address is out of range')
    if (!set.take(address)) throw failure('forbidden', 'Address already in use')
    return formatAddress(address)
  }

  /** The network's set and the address in it; undefined when the address lies outside. */
  function find(network: Network, text: string): { set: AddressSet; address: Address } | undefined {
    const set = setOf(network)
    const address = parseAddress(text)
    return address && contains(set.subnet, address) ? { set, address } : undefined
  }

  return {
    take,
    adopt(network, text) {
      const found = find(network, text)
      found?.set.take(found.address)
    },
    release(network, text) {
      const found = find(network, text)
      found?.set.release(found.address)
    },
    drop({ id }) {
      for (const key of sets.keys()) if (key.startsWith(`${id} `)) sets.delete(key)
    },
  }
}
