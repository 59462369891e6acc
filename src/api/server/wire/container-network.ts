import type { Container } from '../../../containers/index.ts'
import type { Attachment, Endpoint } from '../../../networks/index.ts'
import type { EndpointSettings, NetworkSettings, Port, PortMap } from '../../types/index.ts'

/** Looks a network up by name or id; undefined when it is gone. */
export type NetworkLookup = (nameOrId: string) => { readonly id: string; readonly name: string } | undefined

/** Ports of a running container by `80/tcp`: where each is published, null where it is only exposed. */
export function encodePorts({ config, network }: Container): PortMap {
  if (!network) return {}
  const ports = new Map<string, { HostIp: string; HostPort: string }[] | null>()
  for (const key of config.exposedPorts) ports.set(key, null)
  for (const { containerPort, protocol, hostAddress, hostPort } of network.ports) {
    const key = `${containerPort}/${protocol}`
    const binding = { HostIp: hostAddress, HostPort: String(hostPort) }
    ports.set(key, [...(ports.get(key) ?? []), binding])
  }
  return Object.fromEntries(ports)
}

/** The same as `docker ps` wants it: one entry a binding, in the order of the container's ports. */
export function listPorts(container: Container): readonly Port[] {
  return Object.entries(encodePorts(container))
    .flatMap(([key, bindings]): Port[] => {
      const [port, Type = 'tcp'] = key.split('/')
      const PrivatePort = Number(port)
      if (!bindings || bindings.length === 0) return [{ PrivatePort, Type }]
      return bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort, PublicPort: Number(HostPort), Type }))
    })
    .toSorted((a, b) => a.PrivatePort - b.PrivatePort || (a.Type < b.Type ? -1 : 1))
}

/** Every network the container is meant for, by name: what was asked for, and what it has while it runs. */
export function encodeEndpoints(container: Container, lookup: NetworkLookup): Record<string, EndpointSettings> {
  const { attachments, host, network } = container
  const wanted = new Map<string, Attachment | undefined>()
  for (const attachment of attachments) wanted.set(lookup(attachment.network)?.name ?? attachment.network, attachment)
  const endpoints = new Map(network?.endpoints.map((endpoint) => [endpoint.networkName, endpoint]))
  for (const name of endpoints.keys()) if (!wanted.has(name)) wanted.set(name, undefined)
  if (wanted.size === 0 && !host.networkMode.startsWith('container:')) {
    wanted.set(lookup(host.networkMode)?.name ?? host.networkMode, undefined)
  }
  return Object.fromEntries(
    Array.from(wanted, ([name, attachment]) => {
      const networkId = network || attachment ? (lookup(name)?.id ?? '') : ''
      return [name, encodeEndpoint({ attachment, endpoint: endpoints.get(name), networkId })]
    }),
  )
}

function encodeEndpoint({
  attachment,
  endpoint,
  networkId,
}: {
  readonly attachment: Attachment | undefined
  readonly endpoint: Endpoint | undefined
  readonly networkId: string
}): EndpointSettings {
  return {
    IPAMConfig: encodeIpam(attachment),
    Links: orNull(attachment?.links),
    Aliases: orNull(attachment?.aliases),
    MacAddress: endpoint?.macAddress ?? '',
    DriverOpts: attachment && Object.keys(attachment.driverOptions).length > 0 ? attachment.driverOptions : null,
    GwPriority: attachment?.gatewayPriority ?? 0,
    NetworkID: endpoint?.networkId ?? networkId,
    EndpointID: endpoint?.id ?? '',
    Gateway: endpoint?.gateway ?? '',
    IPAddress: endpoint?.address ?? '',
    IPPrefixLen: endpoint?.prefix ?? 0,
    IPv6Gateway: endpoint?.gateway6 ?? '',
    GlobalIPv6Address: endpoint?.address6 ?? '',
    GlobalIPv6PrefixLen: endpoint?.prefix6 ?? 0,
    DNSNames: orNull(endpoint?.dnsNames),
  }
}

function encodeIpam(attachment: Attachment | undefined): EndpointSettings['IPAMConfig'] {
  const { address, address6 } = attachment ?? {}
  if (address === undefined && address6 === undefined) return null
  return {
    ...(address !== undefined && { IPv4Address: address }),
    ...(address6 !== undefined && { IPv6Address: address6 }),
  }
}

function orNull(names: readonly string[] | undefined): readonly string[] | null {
  return names && names.length > 0 ? names : null
}

/** NetworkSettings of inspect. The endpoint on the default bridge is told twice, as clients of old look for it. */
export function encodeNetworkSettings(container: Container, lookup: NetworkLookup): NetworkSettings {
  const networks = encodeEndpoints(container, lookup)
  const { bridge } = networks
  return {
    Bridge: '',
    SandboxID: container.network ? container.id : '',
    SandboxKey: container.network?.netns ?? '',
    Ports: encodePorts(container),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? '',
    Gateway: bridge?.Gateway ?? '',
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? '',
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? '',
    MacAddress: bridge?.MacAddress ?? '',
    Networks: networks,
  }
}
