import { failure, isKind } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import type { Network } from '../../../networks/index.ts'
import { type Call, json, type Reply, type Route } from '../http/call.ts'
import {
  type Filters,
  filterFlag,
  matchesExactly,
  matchesLabels,
  matchesPattern,
  parseFilters,
  valuesOf,
} from '../http/filters.ts'
import { atLeast } from '../http/version.ts'
import { encodeNetwork } from '../wire/network.ts'

const PREDEFINED = ['bridge', 'host', 'none']

export function networkRoutes({ networks, containers }: Engine): readonly Route[] {
  function list({ query, version }: Call): Reply {
    const filters = parseFilters(query.text('filters'), ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'])
    const detailed = !atLeast(version, '1.28')
    const found = networks.list().filter((network) => suits(network, filters))
    return json(
      200,
      found.map((network) => encodeNetwork(network, detailed ? placesOn(network) : [])),
    )
  }

  function inspect({ param, query }: Call): Reply {
    const name = param('id')
    const verbose = query.text('verbose')
    if (verbose !== undefined && !/^(1|0|t|f|true|false)$/i.test(verbose)) {
      const why = `strconv.ParseBool: parsing ${JSON.stringify(verbose)}: invalid syntax`
      throw failure('invalid', `invalid value for verbose: ${verbose}: ${why}`)
    }
    if ((query.text('scope') ?? 'local') !== 'local') throw failure('not-found', `network ${name} not found`)
    const network = networks.get(name)
    return json(200, encodeNetwork(network, placesOn(network)))
  }

  function suits(network: Network, filters: Filters): boolean {
    return (
      matchesExactly(filters, 'driver', network.driver) &&
      matchesPattern(filters, 'name', network.name) &&
      matchesPattern(filters, 'id', network.id) &&
      matchesLabels(filters, 'label', network.labels) &&
      matchesExactly(filters, 'scope', 'local') &&
      matchesType(network, filters) &&
      matchesUse(network, filters)
    )
  }

  function matchesUse(network: Network, filters: Filters): boolean {
    const dangling = filterFlag(filters, 'dangling')
    if (dangling === undefined) return true
    const isUnused = !PREDEFINED.includes(network.name) && networks.endpointsOf(network.id).length === 0
    return isUnused === dangling
  }

  /** The endpoints of a network with the names of their containers. */
  function placesOn(network: Network) {
    return networks.endpointsOf(network.id).map((endpoint) => ({ endpoint, name: nameOf(endpoint.containerId) }))
  }

  function nameOf(containerId: string): string {
    try {
      return containers.find(containerId).name
    } catch (error) {
      if (isKind(error, 'not-found')) return ''
      throw error
    }
  }

  return [
    { method: 'GET', path: '/networks', handler: list },
    { method: 'GET', path: '/networks/', handler: list },
    { method: 'GET', path: '/networks/{id:.+}', handler: inspect },
  ]
}

function matchesType(network: Network, filters: Filters): boolean {
  const types = valuesOf(filters, 'type') ?? []
  const unknown = types.find((type) => type !== 'builtin' && type !== 'custom')
  if (unknown !== undefined) throw failure('invalid', `invalid filter: 'type'='${unknown}'`)
  return types.length === 0 || types.includes(PREDEFINED.includes(network.name) ? 'builtin' : 'custom')
}
