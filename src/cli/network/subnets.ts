import { BlockList, isIPv6 } from 'node:net'
import { failure } from '../../base/index.ts'

export interface Subnets {
  readonly subnets: readonly string[]
  readonly ranges: readonly string[]
  readonly gateways: readonly string[]
  readonly auxAddresses: Readonly<Record<string, string>>
}

interface Config {
  readonly Subnet: string
  IPRange?: string
  Gateway?: string
  AuxiliaryAddresses?: Record<string, string>
}

/** Puts each range and address with the subnet that holds it; `invalid` when none does. */
export function subnetsOf({ subnets, ranges, gateways, auxAddresses }: Subnets): readonly Config[] {
  const configs = subnets.map((Subnet): Config => ({ Subnet }))
  const holders = configs.map((config) => ({ config, block: blockOf(config.Subnet) }))

  function holderOf(address: string, what: string): Config {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    const found = holders.find(({ block }) => block.check(address, family))
    if (!found) throw failure('invalid', `no matching subnet for ${what}`)
    return found.config
  }

  for (const range of ranges) holderOf(range.split('/')[0] ?? '', `range ${range}`).IPRange = range
  for (const gateway of gateways) holderOf(gateway, `gateway ${gateway}`).Gateway = gateway
  for (const [name, address] of Object.entries(auxAddresses)) {
    const config = holderOf(address, `aux-address ${address}`)
    config.AuxiliaryAddresses = { ...config.AuxiliaryAddresses, [name]: address }
  }
  return configs
}

function blockOf(cidr: string): BlockList {
  const [address = '', bits = ''] = cidr.split('/')
  try {
    const block = new BlockList()
    if (!/^\d{1,3}$/.test(bits)) throw new TypeError('no prefix length')
    block.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
    return block
  } catch (cause) {
    throw failure('invalid', `invalid CIDR address: ${cidr}`, { cause })
  }
}

/** `KEY=VALUE` pairs; a key alone has an empty value. */
export function readPairs(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [key = '', value = ''] = entry.split(/=(.*)/s)
      return [key, value]
    }),
  )
}
