import { failure, newId, shortId } from '../base/index.ts'
import { contains, macOf, parseAddress, parseCidr } from './address.ts'
import type { Addresses } from './addresses.ts'
import { bridgeOf } from './bridge-options.ts'
import type { Attachment, Endpoint, Network, SandboxRequest } from './contract.ts'
import type { InterfaceNames } from './interface-names.ts'
import { isPredefined } from './predefined-names.ts'

export interface EndpointsOptions {
  readonly addresses: Addresses
  readonly names: InterfaceNames
  readonly networkOf: (nameOrId: string) => Network
}

/** Who will be on the network. */
interface Guest {
  readonly containerId: string
  readonly containerName: string
  readonly hostname?: string
  /** Where it is already. */
  readonly endpoints?: readonly Endpoint[]
  /** Number of its interface. */
  readonly index: number
}

/** Places on networks: addresses and names; nothing is linked here. */
export interface Endpoints {
  /** Takes an address. Fails like `verifyAttachment`, `forbidden` when the address is in use. */
  create(attachment: Attachment, guest: Guest): Endpoint
  free(endpoint: Endpoint): void
}

export function createEndpoints({ addresses, names, networkOf }: EndpointsOptions): Endpoints {
  function create(attachment: Attachment, guest: Guest): Endpoint {
    const network = networkOf(attachment.network)
    const base = {
      id: newId(),
      networkId: network.id,
      networkName: network.name,
      containerId: guest.containerId,
      address6: '',
      prefix6: 0,
      gateway6: '',
      gatewayPriority: attachment.gatewayPriority ?? 0,
      dnsNames: isPredefined(network.name) ? [] : dnsNamesOf(guest, attachment.aliases),
    }
    if (network.driver !== 'bridge') {
      return { ...base, interfaceName: '', hostInterface: '', macAddress: '', address: '', prefix: 0, gateway: '' }
    }
    verifyAttachment(network, attachment)
    const { gateway, prefix, internal } = bridgeOf(network)
    const address = addresses.take(network, attachment.address)
    return {
      ...base,
      interfaceName: `eth${guest.index}`,
      hostInterface: names.next(
        guest.containerId,
        guest.endpoints?.map(({ hostInterface }) => hostInterface),
      ),
      macAddress: attachment.macAddress ?? macOf(address),
      address,
      prefix,
      gateway: internal ? '' : gateway,
    }
  }

  return {
    create,
    free({ networkId, address }) {
      if (address !== '') addresses.release(networkOf(networkId), address)
    },
  }
}

/** Refuses what cannot be had on a network, whoever asks: `invalid` with Docker's texts. */
export function verifyAttachment(network: Network, { address, address6, aliases, macAddress }: Attachment): void {
  const problems: string[] = []
  if (isPredefined(network.name)) {
    if (address !== undefined || address6 !== undefined) {
      problems.push('user specified IP address is supported on user defined networks only')
    }
    if (aliases.length > 0) {
      problems.push('network-scoped alias is supported only for containers in user defined networks')
    }
  } else problems.push(...addressProblems(network, address))
  if (address6 !== undefined && !isPredefined(network.name)) {
    problems.push(`no configured subnet contains IP address ${address6}`)
  }
  if (macAddress !== undefined && !/^[\da-f]{2}(?:[:-][\da-f]{2}){5}$/i.test(macAddress)) {
    problems.push(`invalid MAC address: ${macAddress}`)
  }
  if (problems.length > 0) {
    const all = problems.join('\n')
    throw failure('invalid', `invalid config for network ${network.name}: invalid endpoint settings:\n${all}`)
  }
}

/** Refuses to join a network where its or the container's kind allows no other: `invalid` with Docker's texts. */
export function verifyMixture(mode: SandboxRequest['mode'], { driver }: Network): void {
  if (driver === 'host') {
    throw failure('invalid', 'container cannot be disconnected from host network or connected to host network')
  }
  if (mode === 'host') {
    const shares = 'container sharing network namespace with another container or host'
    throw failure('invalid', `${shares} cannot be connected to any other network`)
  }
  if (mode === 'none' || driver === 'null') {
    const how = 'with one of the networks in private (none) mode'
    throw failure('invalid', `container cannot be connected to multiple networks ${how}`)
  }
}

function addressProblems({ ipam }: Network, text: string | undefined): string[] {
  if (text === undefined) return []
  const address = parseAddress(text)
  if (address?.family !== 4) return [`invalid IPv4 address: ${text}`]
  if (ipam.subnets.every(({ fromPool }) => fromPool)) {
    return ['user specified IP address is supported only when connecting to networks with user configured subnets']
  }
  const isInside = ipam.subnets.some(({ subnet }) => {
    const parsed = parseCidr(subnet)
    return parsed && contains(parsed.prefix, address)
  })
  return isInside ? [] : [`no configured subnet contains IP address ${text}`]
}

function dnsNamesOf({ containerId, containerName, hostname }: Guest, aliases: readonly string[]): string[] {
  return [...new Set([containerName, ...aliases, shortId(containerId), hostname ?? ''])].filter((name) => name !== '')
}

/**
 * The endpoint that gives the default route and the published ports: of those that lead outside the one with the
 * highest priority, among equals the first by the network's name.
 */
export function gatewayOf(endpoints: readonly Endpoint[]): Endpoint | undefined {
  const [first] = endpoints
    .filter(({ gateway }) => gateway !== '')
    .toSorted((a, b) => (b.gatewayPriority ?? 0) - (a.gatewayPriority ?? 0) || (a.networkName < b.networkName ? -1 : 1))
  return first
}

/** The lowest number that no interface of these endpoints has. */
export function freeIndex(endpoints: readonly Endpoint[]): number {
  const taken = new Set(endpoints.map(({ interfaceName }) => interfaceName))
  let index = 0
  while (taken.has(`eth${index}`)) index += 1
  return index
}
