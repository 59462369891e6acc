import type { Endpoint } from '../contract.ts'
import { gatewayOf } from '../endpoints.ts'

/** What the directory must know of a container. */
export interface Listed {
  readonly containerId: string
  readonly containerName: string
  readonly endpoints: readonly Endpoint[]
}

/** The names that one container may ask for: those of its networks. */
export interface Zone {
  /** True when somebody here is called so. */
  knows(name: string): boolean
  /** Addresses behind a name, each call with the next one first. */
  addressesOf(name: string): readonly string[]
  /** `container.network` for an address of these networks. */
  nameOf(address: string): string | undefined
  /** Other names may be asked for outside. */
  readonly mayForward: boolean
}

/** Who is on which network under which name. */
export interface Directory {
  zoneOf(containerId: string): Zone
  /** Somebody came, went or was renamed. */
  invalidate(): void
}

interface Names {
  readonly networkName: string
  readonly addresses: Map<string, string[]>
  readonly containers: Map<string, string>
}

export function createDirectory(list: () => readonly Listed[]): Directory {
  let index: { readonly networks: Map<string, Names>; readonly guests: Map<string, Listed> } | undefined

  function current() {
    index ??= { networks: indexNames(list()), guests: new Map(list().map((guest) => [guest.containerId, guest])) }
    return index
  }

  function zoneOf(containerId: string): Zone {
    const { networks, guests } = current()
    const endpoints = guests.get(containerId)?.endpoints ?? []
    const own = endpoints.flatMap(({ networkId }) => networks.get(networkId) ?? [])

    return {
      mayForward: gatewayOf(endpoints) !== undefined,
      knows: (name) => find(own, name.toLowerCase()) !== undefined,
      addressesOf(name) {
        const found = find(own, name.toLowerCase()) ?? []
        const answer = [...found]
        const [first] = found.splice(0, 1)
        if (first !== undefined) found.push(first)
        return answer
      },
      nameOf(address) {
        const network = own.find(({ containers }) => containers.has(address))
        return network && `${network.containers.get(address)}.${network.networkName}`
      },
    }
  }

  return {
    zoneOf,
    invalidate() {
      index = undefined
    },
  }
}

/** Names of the default bridge are nobody's, since it has no dnsNames. */
function indexNames(list: readonly Listed[]): Map<string, Names> {
  const networks = new Map<string, Names>()
  for (const { containerName, endpoints } of list) {
    for (const { networkId, networkName, address, dnsNames } of endpoints) {
      if (address === '' || dnsNames.length === 0) continue
      let names = networks.get(networkId)
      if (!names) {
        names = { networkName, addresses: new Map(), containers: new Map() }
        networks.set(networkId, names)
      }
      names.containers.set(address, containerName)
      for (const name of dnsNames.map((text) => text.toLowerCase())) {
        const known = names.addresses.get(name)
        if (known) known.push(address)
        else names.addresses.set(name, [address])
      }
    }
  }
  return networks
}

/** By the name alone, on the first network that knows it, or as `name.network`. */
function find(networks: readonly Names[], name: string): string[] | undefined {
  for (const { addresses } of networks) {
    const found = addresses.get(name)
    if (found) return found
  }
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const network = networks.find(({ networkName }) => networkName.toLowerCase() === name.slice(dot + 1))
    const found = network?.addresses.get(name.slice(0, dot))
    if (found) return found
  }
  return undefined
}
