import { isKind } from '../../../base/index.ts'
import type { Networks } from '../../../networks/index.ts'
import type { NetworkLookup } from '../wire/container-network.ts'

/** Looks networks up for one answer, each once. */
export function createNetworkLookup(networks: Networks): NetworkLookup {
  const known = new Map<string, ReturnType<NetworkLookup>>()

  function find(nameOrId: string): ReturnType<NetworkLookup> {
    try {
      return networks.get(nameOrId)
    } catch (error) {
      if (isKind(error, 'not-found') || isKind(error, 'invalid')) return undefined
      throw error
    }
  }

  return (nameOrId) => {
    if (!known.has(nameOrId)) known.set(nameOrId, find(nameOrId))
    return known.get(nameOrId)
  }
}
