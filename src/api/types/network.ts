export interface EndpointIPAMConfig {
  readonly IPv4Address?: string
  readonly IPv6Address?: string
  readonly LinkLocalIPs?: readonly string[]
}

/** A container's place on a network: what was asked for and, while it runs, what it has. */
export interface EndpointSettings {
  readonly IPAMConfig: EndpointIPAMConfig | null
  readonly Links: readonly string[] | null
  readonly Aliases: readonly string[] | null
  readonly MacAddress: string
  readonly DriverOpts: Readonly<Record<string, string>> | null
  readonly GwPriority: number
  readonly NetworkID: string
  readonly EndpointID: string
  readonly Gateway: string
  readonly IPAddress: string
  readonly IPPrefixLen: number
  readonly IPv6Gateway: string
  readonly GlobalIPv6Address: string
  readonly GlobalIPv6PrefixLen: number
  readonly DNSNames: readonly string[] | null
}

/** Part of the bodies of container create and network connect. */
export type EndpointSettingsRequest = Partial<EndpointSettings>

export interface IPAMConfig {
  readonly Subnet?: string
  readonly IPRange?: string
  readonly Gateway?: string
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>
}

export interface IPAM {
  readonly Driver: string
  readonly Options: Readonly<Record<string, string>> | null
  readonly Config: readonly IPAMConfig[] | null
}

export interface EndpointResource {
  readonly Name: string
  readonly EndpointID: string
  readonly MacAddress: string
  /** With prefix length: `172.17.0.2/16`. */
  readonly IPv4Address: string
  readonly IPv6Address: string
}

export interface Network {
  readonly Name: string
  readonly Id: string
  readonly Created: string
  readonly Scope: string
  readonly Driver: string
  readonly EnableIPv4: boolean
  readonly EnableIPv6: boolean
  readonly IPAM: IPAM
  readonly Internal: boolean
  readonly Attachable: boolean
  readonly Ingress: boolean
  readonly ConfigFrom: { readonly Network: string }
  readonly ConfigOnly: boolean
  /** By container id; filled by inspect alone. */
  readonly Containers: Readonly<Record<string, EndpointResource>>
  readonly Options: Readonly<Record<string, string>> | null
  readonly Labels: Readonly<Record<string, string>> | null
}
