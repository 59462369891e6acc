import { failure, isKind } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import type { Network } from '../../../networks/index.ts'
import { type Call, empty, json, type Reply, type Route } from '../http/call.ts'
import {
  type Filters,
  filterFlag,
  matchesExactly,
  matchesLabels,
  matchesPattern,
  parseFilters,
  valuesOf,
} from '../http/filters.ts'
import { parseTimeValue } from '../http/time-value.ts'
import { atLeast } from '../http/version.ts'
import { attachmentOf } from '../wire/endpoint.ts'
import { connectBody, disconnectBody, encodeNetwork, networkBody, readNetworkBody } from '../wire/network.ts'

const PREDEFINED = ['bridge', 'host', 'none']

export function networkRoutes({ networks, containers, clock }: Engine): readonly Route[] {
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

  async function create({ body }: Call): Promise<Reply> {
    const wanted = await body.json(networkBody)
    if (!wanted) throw failure('invalid', 'invalid JSON: got EOF while reading request body')
    return json(201, { Id: networks.create(readNetworkBody(wanted)).id, Warning: '' })
  }

  async function connect({ param, body }: Call): Promise<Reply> {
    const { container = '', endpoint } = (await body.json(connectBody)) ?? {}
    await containers.joinNetwork(container, attachmentOf(networks.get(param('id')).id, endpoint))
    return empty(200)
  }

  async function disconnect({ param, body }: Call): Promise<Reply> {
    const { container = '' } = (await body.json(disconnectBody)) ?? {}
    await containers.leaveNetwork(container, networks.get(param('id')).id)
    return empty(200)
  }

  function remove({ param }: Call): Reply {
    networks.remove(param('id'))
    return empty(204)
  }

  /** Networks that nobody made stay, and so do those of running containers. */
  function prune({ query }: Call): Reply {
    const filters = parseFilters(query.text('filters'), ['label', 'label!', 'until'])
    const [text] = valuesOf(filters, 'until') ?? []
    const until = text === undefined ? undefined : parseTimeValue(text, clock.now())
    const removed = networks.list().filter((network) => {
      const { name, id, created, labels } = network
      const isOld = until === undefined || created < until
      const isExcepted = (valuesOf(filters, 'label!') ?? []).some((label) =>
        matchesLabels({ label: [label] }, 'label', labels),
      )
      const isUsed = PREDEFINED.includes(name) || networks.endpointsOf(id).length > 0
      return isOld && !isUsed && !isExcepted && matchesLabels(filters, 'label', labels)
    })
    for (const { id } of removed) networks.remove(id)
    return json(200, { NetworksDeleted: removed.length > 0 ? removed.map(({ name }) => name) : null })
  }

  return [
    { method: 'POST', path: '/networks/create', handler: create },
    { method: 'POST', path: '/networks/prune', handler: prune },
    { method: 'POST', path: '/networks/{id:.*}/connect', handler: connect },
    { method: 'POST', path: '/networks/{id:.*}/disconnect', handler: disconnect },
    { method: 'DELETE', path: '/networks/{id:.*}', handler: remove },
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
