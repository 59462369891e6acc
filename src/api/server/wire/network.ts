import { failure, formatTimestamp } from '../../../base/index.ts'
import type { Endpoint, Network, NetworkRequest, Subnet } from '../../../networks/index.ts'
import type { EndpointResource, IPAMConfig, Network as WireNetwork } from '../../types/index.ts'
import { flag, list, map, text } from '../json/codec.ts'
import { field, optional, record } from '../json/record.ts'
import { type EndpointRequest, endpointRequest, NO_ENDPOINT } from './endpoint.ts'

interface SubnetBody {
  readonly subnet: string
  readonly range: string
  readonly gateway: string
  readonly auxAddresses: Readonly<Record<string, string>>
}

interface IpamBody {
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  readonly subnets: readonly SubnetBody[]
}

interface NetworkBody {
  readonly name: string
  readonly driver: string
  readonly scope: string
  readonly ipv4: boolean | undefined
  readonly ipv6: boolean | undefined
  readonly internal: boolean
  readonly attachable: boolean
  readonly ingress: boolean
  readonly configOnly: boolean
  readonly configFrom: { readonly network: string }
  readonly ipam: IpamBody
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

const subnetBody = record<SubnetBody>('network.IPAMConfig', {
  subnet: field('Subnet', text, ''),
  range: field('IPRange', text, ''),
  gateway: field('Gateway', text, ''),
  auxAddresses: field('AuxiliaryAddresses', map(text), {}),
})

const ipamBody = record<IpamBody>('network.IPAM', {
  driver: field('Driver', text, ''),
  options: field('Options', map(text), {}),
  subnets: field('Config', list(subnetBody), []),
})

/** Body of `POST /networks/create`. */
export const networkBody = record<NetworkBody>('network.CreateRequest', {
  name: field('Name', text, ''),
  driver: field('Driver', text, ''),
  scope: field('Scope', text, ''),
  ipv4: optional('EnableIPv4', flag),
  ipv6: optional('EnableIPv6', flag),
  internal: field('Internal', flag, false),
  attachable: field('Attachable', flag, false),
  ingress: field('Ingress', flag, false),
  configOnly: field('ConfigOnly', flag, false),
  configFrom: field('ConfigFrom', record('network.ConfigReference', { network: field('Network', text, '') }), {
    network: '',
  }),
  ipam: field('IPAM', ipamBody, { driver: '', options: {}, subnets: [] }),
  options: field('Options', map(text), {}),
  labels: field('Labels', map(text), {}),
})

/** `unsupported` for what belongs to a swarm. */
export function readNetworkBody(body: NetworkBody): NetworkRequest {
  const { scope, ingress, configOnly, configFrom, ipam, ipv4 = true, ipv6 = false, ...rest } = body
  if (ingress || configOnly || configFrom.network !== '' || (scope !== '' && scope !== 'local')) {
    throw failure('unsupported', 'networks of a swarm are not supported by this engine')
  }
  return {
    ...rest,
    ipv4,
    ipv6,
    ipam: {
      ...ipam,
      subnets: ipam.subnets.map(({ subnet, range, gateway, auxAddresses }) => ({
        subnet,
        auxAddresses,
        ...(range !== '' && { ipRange: range }),
        ...(gateway !== '' && { gateway }),
      })),
    },
  }
}

/** Bodies of connect and disconnect. */
export const connectBody = record<{ readonly container: string; readonly endpoint: EndpointRequest }>(
  'network.ConnectOptions',
  { container: field('Container', text, ''), endpoint: field('EndpointConfig', endpointRequest, NO_ENDPOINT) },
)
export const disconnectBody = record<{ readonly container: string; readonly force: boolean }>(
  'network.DisconnectOptions',
  { container: field('Container', text, ''), force: field('Force', flag, false) },
)

/** `containers` are the places on it with the names of their containers: told by inspect alone. */
export function encodeNetwork(
  network: Network,
  containers: readonly { readonly endpoint: Endpoint; readonly name: string }[] = [],
): WireNetwork {
  const { id, name, created, driver, ipv4, ipv6, ipam, internal, attachable, options, labels } = network
  return {
    Name: name,
    Id: id,
    Created: formatTimestamp(created),
    Scope: 'local',
    Driver: driver,
    EnableIPv4: ipv4,
    EnableIPv6: ipv6,
    IPAM: {
      Driver: ipam.driver,
      Options: Object.keys(ipam.options).length > 0 ? ipam.options : null,
      Config: ipam.subnets.length > 0 ? ipam.subnets.map(encodeSubnet) : null,
    },
    Internal: internal,
    Attachable: attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      containers.map(({ endpoint, name }) => [endpoint.containerId, encodeResource(endpoint, name)]),
    ),
    Options: options,
    Labels: labels,
  }
}

function encodeSubnet({ subnet, gateway, ipRange, auxAddresses }: Subnet): IPAMConfig {
  return {
    Subnet: subnet,
    ...(ipRange !== undefined && { IPRange: ipRange }),
    ...(gateway !== undefined && { Gateway: gateway }),
    ...(auxAddresses && Object.keys(auxAddresses).length > 0 && { AuxiliaryAddresses: auxAddresses }),
  }
}

function encodeResource(endpoint: Endpoint, name: string): EndpointResource {
  const { id, macAddress, address, prefix, address6, prefix6 } = endpoint
  return {
    Name: name,
    EndpointID: id,
    MacAddress: macAddress,
    IPv4Address: address === '' ? '' : `${address}/${prefix}`,
    IPv6Address: address6 === '' ? '' : `${address6}/${prefix6}`,
  }
}
