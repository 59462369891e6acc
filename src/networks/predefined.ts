import { type Clock, failure, newId } from '../base/index.ts'
import type { Rtnetlink } from '../kernel/index.ts'
import { type Address, formatAddress, formatPrefix, overlaps, type Prefix, parseAddress, parseCidr } from './address.ts'
import { BRIDGE_OPTIONS } from './bridge-options.ts'
import type { Network } from './contract.ts'
import { hostSubnets } from './host-subnets.ts'
import type { NetworkRecords } from './records.ts'
import { DEFAULT_POOLS, nextSubnet } from './subnets.ts'

export interface PredefinedOptions {
  readonly records: NetworkRecords
  readonly host: Rtnetlink
  readonly clock: Clock
  /** The default bridge: its device, and its address and subnet when they are not to be found. */
  readonly bridge: { readonly name: string; readonly cidr: string | undefined; readonly mtu: number }
  /** Name servers that the host uses: their addresses are never a container's. */
  readonly nameservers: readonly string[]
}

/**
 * Makes the records of `bridge`, `host` and `none`, or brings them up to date; ids stay for good. The default bridge
 * keeps the subnet it had as long as its device exists or nothing else on the host uses it.
 */
export function ensurePredefined(options: PredefinedOptions): void {
  const { records, clock } = options
  const known = new Map(records.all().map((network) => [network.name, network]))

  function ensure(name: string, described: Pick<Network, 'driver' | 'ipam' | 'options'>): void {
    const { id = newId(), created = clock.now() } = known.get(name) ?? {}
    const flags = { ipv4: true, ipv6: false, internal: false, attachable: false, labels: {} }
    records.put({ id, name, created, ...flags, ...described })
  }

  const noSubnets = { driver: 'default', subnets: [], options: {} }
  ensure('none', { driver: 'null', ipam: noSubnets, options: {} })
  ensure('host', { driver: 'host', ipam: noSubnets, options: {} })
  const { gateway, subnet } = chooseSubnet(options, known.get('bridge'))
  ensure('bridge', {
    driver: 'bridge',
    ipam: {
      driver: 'default',
      subnets: [{ subnet: formatPrefix(subnet), gateway: formatAddress(gateway) }],
      options: {},
    },
    options: {
      [BRIDGE_OPTIONS.defaultBridge]: 'true',
      [BRIDGE_OPTIONS.enableIcc]: 'true',
      [BRIDGE_OPTIONS.enableIpMasquerade]: 'true',
      [BRIDGE_OPTIONS.hostBinding]: '0.0.0.0',
      [BRIDGE_OPTIONS.name]: options.bridge.name,
      [BRIDGE_OPTIONS.mtu]: String(options.bridge.mtu),
    },
  })
}

interface Choice {
  readonly gateway: Address
  readonly subnet: Prefix
}

/** The address asked for, else what the device has, else what the record says if it is still free, else the first free pool. */
function chooseSubnet(options: PredefinedOptions, known: Network | undefined): Choice {
  const { cidr } = options.bridge
  if (cidr !== undefined) return parseBridgeAddress(cidr)
  const device = addressOfDevice(options)
  // Containers may be running there: whatever the host has learnt meanwhile, they keep their addresses.
  if (device) return device
  const recorded = known && addressOfRecord(known)
  const taken = subnetsInUse(options)
  if (recorded && !taken.some((other) => overlaps(other, recorded.subnet))) return recorded
  const subnet = nextSubnet(DEFAULT_POOLS, taken)
  if (!subnet) {
    throw failure('unavailable', 'all predefined address pools have been fully subnetted', {
      hint: 'give the default bridge an address of its own with --bip',
    })
  }
  return { subnet, gateway: { family: subnet.family, value: subnet.base + 1n } }
}

function parseBridgeAddress(cidr: string): Choice {
  const parsed = parseCidr(cidr)
  if (parsed?.address.family !== 4 || parsed.prefix.bits > 30) {
    throw failure('invalid', `invalid bridge address ${cidr}: want an IPv4 address and a prefix length up to 30`)
  }
  if (parsed.address.value === parsed.prefix.base) {
    throw failure('invalid', `invalid bridge address ${cidr}: this is the network's own address`)
  }
  return { gateway: parsed.address, subnet: parsed.prefix }
}

function addressOfDevice({ host, bridge }: PredefinedOptions): Choice | undefined {
  const link = host.linkByName(bridge.name)
  const own = link && host.addresses().find(({ index, family }) => index === link.index && family === 4)
  return own && parseBridgeAddress(`${own.address}/${own.prefix}`)
}

function addressOfRecord({ ipam }: Network): Choice | undefined {
  const [subnet] = ipam.subnets
  const parsed = subnet && parseCidr(subnet.subnet)
  const gateway = subnet?.gateway === undefined ? undefined : parseAddress(subnet.gateway)
  return parsed && gateway && { gateway, subnet: parsed.prefix }
}

/** Subnets that the host is part of by other devices than our bridge, and its name servers. */
function subnetsInUse({ host, bridge, nameservers }: PredefinedOptions): Prefix[] {
  return hostSubnets({ host, nameservers, except: host.linkByName(bridge.name)?.index })
}
