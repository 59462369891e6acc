import { failure } from '../../../base/index.ts'
import type { Attachment } from '../../../networks/index.ts'
import { int, list, map, orElse, text } from '../json/codec.ts'
import { field, record } from '../json/record.ts'

interface Ipam {
  readonly address: string
  readonly address6: string
  readonly linkLocal: readonly string[]
}

/** What a request says of a container's place on a network. */
export interface EndpointRequest {
  readonly ipam: Ipam
  readonly links: readonly string[]
  readonly aliases: readonly string[]
  readonly macAddress: string
  readonly driverOptions: Readonly<Record<string, string>>
  readonly gatewayPriority: number
}

const ipam = record<Ipam>('network.EndpointIPAMConfig', {
  address: field('IPv4Address', text, ''),
  address6: field('IPv6Address', text, ''),
  linkLocal: field('LinkLocalIPs', list(text), []),
})

/** EndpointSettings as a client sends them; what only an answer has is ignored. */
export const endpointRequest = record<EndpointRequest>('network.EndpointSettings', {
  ipam: field('IPAMConfig', ipam, { address: '', address6: '', linkLocal: [] }),
  links: field('Links', list(text), []),
  aliases: field('Aliases', list(text), []),
  macAddress: field('MacAddress', text, ''),
  driverOptions: field('DriverOpts', map(text), {}),
  gatewayPriority: field('GwPriority', int, 0),
})

export const NO_ENDPOINT: EndpointRequest = {
  ipam: { address: '', address6: '', linkLocal: [] },
  links: [],
  aliases: [],
  macAddress: '',
  driverOptions: {},
  gatewayPriority: 0,
}

/** NetworkingConfig: by name of the network. */
export const networkingConfig = record<{ readonly endpoints: Readonly<Record<string, EndpointRequest>> }>(
  'network.NetworkingConfig',
  { endpoints: field('EndpointsConfig', map(orElse(endpointRequest, NO_ENDPOINT)), {}) },
)

/** `invalid` for what this engine has not. */
export function attachmentOf(network: string, request: EndpointRequest = NO_ENDPOINT): Attachment {
  const { ipam, macAddress, aliases, links, driverOptions, gatewayPriority } = request
  if (ipam.linkLocal.length > 0) throw failure('invalid', 'LinkLocalIPs of an endpoint are not supported')
  return {
    network,
    aliases,
    links,
    driverOptions,
    ...(gatewayPriority !== 0 && { gatewayPriority }),
    ...(ipam.address !== '' && { address: ipam.address }),
    ...(ipam.address6 !== '' && { address6: ipam.address6 }),
    ...(macAddress !== '' && { macAddress }),
  }
}
