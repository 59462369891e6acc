import { formatTimestamp } from '../../../base/index.ts'
import type { Endpoint, Network, Subnet } from '../../../networks/index.ts'
import type { EndpointResource, IPAMConfig, Network as WireNetwork } from '../../types/index.ts'

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
