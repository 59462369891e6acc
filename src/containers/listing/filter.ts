import { failure } from '../../base/index.ts'
import type { Container, ContainerFilter } from '../contract.ts'
import { type ParsedFilter, parseFilter } from './filter-values.ts'

export interface ListingContext {
  /** Id of the image that a reference names; undefined when there is none. */
  readonly resolveImage: (reference: string) => string | undefined
  /** True when the container was made from the image or from one that came out of it. */
  readonly isAncestor: (container: Container, imageId: string) => boolean
  readonly networksOf: (container: Container) => readonly { readonly id: string; readonly name: string }[]
}

type Condition = (container: Container) => boolean

/**
 * The containers that a listing shows, newest first, with Docker's meaning of each filter. `invalid` for a value that
 * makes no sense, `not-found` for a container that `before` or `since` names in vain.
 */
export function selectContainers(
  all: readonly Container[],
  filter: ContainerFilter,
  context: ListingContext,
): readonly Container[] {
  const parsed = parseFilter(filter)
  const sorted = all.toSorted((one, other) => Number(other.created - one.created))
  const between = sliceBetween(sorted, parsed)
  const conditions = conditionsOf(parsed, { all, context })
  const selected = between.filter((container) => conditions.every((holds) => holds(container)))
  return filter.limit === undefined || filter.limit <= 0 ? selected : selected.slice(0, filter.limit)
}

/** Older than `before` and newer than `since`. */
function sliceBetween(sorted: readonly Container[], { before, since }: ParsedFilter): readonly Container[] {
  const start = before === undefined ? 0 : indexOf(sorted, before) + 1
  const end = since === undefined ? sorted.length : indexOf(sorted, since)
  return sorted.slice(start, end)
}

function indexOf(sorted: readonly Container[], wanted: string): number {
  const name = wanted.replace(/^\//, '')
  const exact = sorted.findIndex((container) => container.id === wanted || container.name === name)
  if (exact >= 0) return exact
  const byPrefix = wanted === '' ? [] : sorted.flatMap(({ id }, index) => (id.startsWith(wanted) ? [index] : []))
  const [index, second] = byPrefix
  if (index === undefined || second !== undefined) throw failure('not-found', `No such container: ${wanted}`)
  return index
}

function conditionsOf(
  parsed: ParsedFilter,
  { all, context }: { readonly all: readonly Container[]; readonly context: ListingContext },
): readonly Condition[] {
  const conditions: Condition[] = []
  if (!parsed.all) conditions.push(isUp)
  if (parsed.isTask === true) conditions.push(() => false)
  if (parsed.ids) conditions.push(hasId(parsed.ids, all))
  if (parsed.names) conditions.push(hasName(parsed.names))
  if (parsed.statuses) conditions.push(({ state }) => parsed.statuses?.has(state.status) === true)
  if (parsed.healths) conditions.push(({ health }) => parsed.healths?.has(health?.status ?? 'none') === true)
  if (parsed.exitCodes) conditions.push(hasExited(parsed.exitCodes))
  if (parsed.labels) conditions.push(hasLabels(parsed.labels))
  if (parsed.volumes) conditions.push(hasVolume(parsed.volumes))
  if (parsed.ports) conditions.push(hasPort(parsed.ports))
  if (parsed.ancestors) conditions.push(hasAncestor(parsed.ancestors, context))
  if (parsed.networks) conditions.push(isOnNetwork(parsed.networks, context))
  return conditions
}

function isUp({ state }: Container): boolean {
  return state.status === 'running' || state.status === 'paused' || state.status === 'restarting'
}

/** Each value stands for the one container whose id begins with it. */
function hasId(values: readonly string[], all: readonly Container[]): Condition {
  const ids = values.flatMap((value) => {
    const matches = all.filter(({ id }) => id.startsWith(value))
    return matches.length === 1 ? matches.map(({ id }) => id) : []
  })
  return ({ id }) => ids.includes(id)
}

/** Values are patterns that occur in the name, with its slash or without. */
function hasName(values: readonly string[]): Condition {
  const patterns = values.flatMap((value) => {
    try {
      return [new RegExp(value)]
    } catch {
      return []
    }
  })
  return ({ name }) =>
    [name, `/${name}`].some((text) => values.includes(text) || patterns.some((pattern) => pattern.test(text)))
}

function hasExited(codes: ReadonlySet<number>): Condition {
  return ({ state }) => {
    if (state.status !== 'exited' && state.status !== 'dead' && state.status !== 'removing') return false
    return state.startedAt !== undefined && state.exit !== undefined && codes.has(state.exit.code)
  }
}

/** All of them: `key`, or `key=value`. */
function hasLabels(wanted: readonly string[]): Condition {
  return ({ config: { labels } }) =>
    wanted.every((text) => {
      const equals = text.indexOf('=')
      const key = equals < 0 ? text : text.slice(0, equals)
      return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === text.slice(equals + 1))
    })
}

/** One of them, by volume, source on the host, or destination. */
function hasVolume(wanted: readonly string[]): Condition {
  return ({ mounts }) =>
    mounts.some(({ name, source, destination }) => wanted.includes(name ?? source) || wanted.includes(destination))
}

function hasPort({ published, exposed }: NonNullable<ParsedFilter['ports']>): Condition {
  return ({ network, config }) => {
    if (!network) return false
    const outside = network.ports.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`)
    const inside = network.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`)
    return (
      outside.some((port) => published.has(port)) ||
      [...inside, ...config.exposedPorts].some((port) => exposed.has(port))
    )
  }
}

function hasAncestor(references: readonly string[], { resolveImage, isAncestor }: ListingContext): Condition {
  const ids = references.flatMap((reference) => resolveImage(reference) ?? [])
  return (container) => ids.some((id) => isAncestor(container, id))
}

function isOnNetwork(wanted: readonly string[], { networksOf }: ListingContext): Condition {
  return (container) =>
    networksOf(container).some(({ id, name }) => wanted.some((value) => name === value || id.startsWith(value)))
}
