import { failure, type Timestamp } from '../base/index.ts'
import { type Address, contains, formatAddress, formatPrefix, overlaps, type Prefix, parseCidr } from './address.ts'
import { createAddressSet } from './address-set.ts'
import { BRIDGE_OPTIONS, FOREIGN_OPTIONS, isTruthValue } from './bridge-options.ts'
import type { Network, NetworkRequest, Subnet } from './contract.ts'
import { checkSubnets } from './ipam-request.ts'
import { isPredefined } from './predefined-names.ts'
import { type AddressPool, nextSubnet } from './subnets.ts'

export interface PlanContext {
  readonly id: string
  readonly created: Timestamp
  readonly known: readonly Network[]
  readonly pools: readonly AddressPool[]
  /** Subnets that the pools must not give; looked up when they are asked. */
  readonly taken: () => readonly Prefix[]
}

/**
 * Turns a request into the network that will be: checked, with subnet and gateway. Nothing is made. `invalid`,
 * `forbidden`, `conflict` and `unsupported` with Docker's texts.
 */
export function planNetwork(request: NetworkRequest, context: PlanContext): Network {
  const { known } = context
  const { name, options, ipam, ...flags } = request
  if (name.trim() === '') throw failure('invalid', 'invalid name: name is empty')
  if (isPredefined(name) || name === 'default') {
    throw failure('forbidden', `operation is not permitted on predefined ${name} network`)
  }
  if (known.some((other) => other.name === name)) {
    throw failure('conflict', `network with name ${name} already exists`)
  }
  const driver = driverOf(request)
  refuseForeign(request)
  verifyOptions(request, known)
  const wanted = checkSubnets(ipam.subnets)
  if (wanted.length > 1) throw failure('unsupported', 'a bridge network has one IPv4 subnet in this engine')
  const subnet = completeSubnet(wanted[0] ?? chooseSubnet(context))
  refuseOverlap(subnet, known)
  return {
    ...flags,
    id: context.id,
    name,
    driver,
    created: context.created,
    ipam: { driver: 'default', subnets: [subnet], options: ipam.options },
    options,
  }
}

function driverOf({ driver }: NetworkRequest): 'bridge' {
  if (driver === '' || driver === 'bridge') return 'bridge'
  if (driver === 'host' || driver === 'null') {
    throw failure('forbidden', `only one instance of "${driver}" network is allowed`)
  }
  if (driver === 'macvlan' || driver === 'ipvlan' || driver === 'overlay') {
    throw failure('unsupported', `the network driver ${driver} is not supported by this engine`)
  }
  throw failure('not-found', `plugin ${JSON.stringify(driver)} not found`)
}

function refuseForeign({ ipv4, ipv6, ipam, options }: NetworkRequest): void {
  if (ipv6) throw failure('unsupported', 'IPv6 networks are not supported by this engine')
  if (!ipv4) throw failure('invalid', 'IPv4 or IPv6 must be enabled')
  if (ipam.driver !== '' && ipam.driver !== 'default') {
    throw failure('not-found', `plugin ${JSON.stringify(ipam.driver)} not found`)
  }
  const foreign = FOREIGN_OPTIONS.find((option) => (options[option] ?? 'nat') !== 'nat')
  if (foreign !== undefined) {
    throw failure('unsupported', `the network option ${foreign} is not supported by this engine`)
  }
}

function verifyOptions({ options }: NetworkRequest, known: readonly Network[]): void {
  const { name, mtu, enableIcc, enableIpMasquerade, hostBinding } = BRIDGE_OPTIONS
  for (const option of [enableIcc, enableIpMasquerade]) {
    const value = options[option]
    if (value !== undefined && !isTruthValue(value)) refuseOption(option, value)
  }
  const size = options[mtu]
  if (size !== undefined && !(/^\d{2,5}$/.test(size) && Number(size) >= 68 && Number(size) <= 65_535)) {
    refuseOption(mtu, size)
  }
  const binding = options[hostBinding]
  if (binding !== undefined && parseCidr(`${binding}/32`)?.address.family !== 4) refuseOption(hostBinding, binding)
  const device = options[name]
  if (device === undefined) return
  if (!/^[\w.-]{1,15}$/.test(device) || device === '.' || device === '..') refuseOption(name, device)
  const rival = known.find((other) => other.options[name] === device)
  if (rival) {
    const which = `network ${rival.id} (${device})`
    throw failure('forbidden', `cannot create network: conflicts with ${which}: networks have same bridge name`)
  }
}

function refuseOption(option: string, value: string): never {
  throw failure('invalid', `invalid value for ${option}: ${JSON.stringify(value)}`)
}

function chooseSubnet({ pools, taken, known }: PlanContext): Subnet {
  const subnets = known.flatMap(({ ipam }) => ipam.subnets.flatMap(({ subnet }) => parseCidr(subnet)?.prefix ?? []))
  const subnet = nextSubnet(pools, [...taken(), ...subnets])
  if (subnet) return { subnet: formatPrefix(subnet), fromPool: true }
  const holders = known.filter(({ ipam }) => ipam.subnets.length > 0).map(({ name }) => name)
  throw failure(
    'invalid',
    `all predefined address pools have been fully subnetted: networks ${holders.join(', ')} and this host use them`,
  )
}

/** Without a gateway of its own the subnet's first address, or that of its range, is it. */
function completeSubnet(wanted: Subnet): Subnet {
  if (wanted.gateway !== undefined) return wanted
  const prefix = parseCidr(wanted.subnet)?.prefix
  const range = parseCidr(wanted.ipRange ?? wanted.subnet)?.prefix
  const gateway = prefix && range && firstAddress(prefix, range)
  if (!gateway) throw failure('invalid', `invalid subnet ${wanted.subnet}: it has no room for a gateway`)
  return { ...wanted, gateway: formatAddress(gateway) }
}

function firstAddress(subnet: Prefix, range: Prefix): Address | undefined {
  const found = createAddressSet(subnet).takeNext(range)
  return found && contains(subnet, found) ? found : undefined
}

function refuseOverlap({ subnet }: Subnet, known: readonly Network[]): void {
  const prefix = parseCidr(subnet)?.prefix
  const rivals = known.flatMap(({ ipam }) => ipam.subnets.flatMap((other) => parseCidr(other.subnet)?.prefix ?? []))
  if (prefix && rivals.some((other) => overlaps(prefix, other))) {
    throw failure('forbidden', 'invalid pool request: Pool overlaps with other one on this address space')
  }
}
