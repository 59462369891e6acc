import { type Event, failure } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { familiarName, parseReference } from '../../../oci/index.ts'
import { stringify } from '../http/answer.ts'
import type { Call, Reply } from '../http/call.ts'
import { type Filters, matchesExactly, matchesLabels, parseFilters, valuesOf } from '../http/filters.ts'
import { parseTimeValue } from '../http/time-value.ts'
import { atLeast } from '../http/version.ts'
import { encodeEvent } from '../wire/event.ts'

/** Types of objects; each is the name of a filter too. */
const TYPES = ['config', 'container', 'daemon', 'network', 'node', 'plugin', 'secret', 'service', 'volume']
const FILTERS = [...TYPES, 'event', 'image', 'label', 'scope', 'type']

/** `GET /events`. `onListen` is told when a client begins to follow and when it has gone. */
export function readEvents(
  { events, clock }: Pick<Engine, 'events' | 'clock'>,
  { query, version, signal }: Call,
  onListen: (change: 1 | -1) => void,
): Reply {
  const filters = parseFilters(query.text('filters'), FILTERS)
  const time = (name: string) => {
    const text = query.text(name)
    return text === undefined ? undefined : parseTimeValue(text, clock.now())
  }
  const [since, until] = [time('since'), time('until')]
  if (since !== undefined && until !== undefined && until < since) {
    const [from, to] = [query.get('since'), query.get('until')]
    throw failure('invalid', `\`since\` time (${from}) cannot be after \`until\` time (${to})`)
  }
  // Docker tells what it remembers when there is an end, even without a beginning.
  const begin = since ?? (until === undefined ? undefined : 0n)
  const recorded = events.read({
    signal,
    ...(begin !== undefined && { since: begin }),
    ...(until !== undefined && { until }),
  })
  const isShown = (event: Event): boolean =>
    matchesFilters(event, filters) &&
    (atLeast(version, '1.46') || !(event.type === 'image' && event.action === 'create'))
  return {
    kind: 'stream',
    contentType: 'application/json',
    begin: 'at-once',
    chunks: (async function* () {
      onListen(1)
      try {
        for await (const event of recorded) if (isShown(event)) yield `${stringify(encodeEvent(event))}\n`
      } finally {
        onListen(-1)
      }
    })(),
  }
}

/** Docker's rules: values of one filter are alternatives, different filters all hold. */
export function matchesFilters(event: Event, filters: Filters): boolean {
  const { type, id, attributes } = event
  return (
    matchesAction(event, filters) &&
    matchesExactly(filters, 'type', type) &&
    matchesExactly(filters, 'scope', 'local') &&
    TYPES.every((name) => matchesPrefix(filters, name, [id, attributes.name ?? ''])) &&
    matchesImage(event, filters) &&
    matchesLabels(filters, 'label', attributes)
  )
}

/** Actions that carry more after a colon, of which the first word is enough. */
const OPEN_ACTIONS = ['health_status', 'exec_create', 'exec_start']

function matchesAction({ action }: Event, filters: Filters): boolean {
  const values = valuesOf(filters, 'event') ?? []
  if (OPEN_ACTIONS.some((open) => values.includes(open))) return matchesPrefix(filters, 'event', [action])
  return matchesExactly(filters, 'event', action)
}

function matchesPrefix(filters: Filters, name: string, candidates: readonly string[]): boolean {
  const values = valuesOf(filters, name)
  if (values === undefined || values.length === 0) return true
  return candidates.some((candidate) => values.some((value) => candidate.startsWith(value)))
}

function matchesImage({ type, id, attributes }: Event, filters: Filters): boolean {
  if (valuesOf(filters, 'image') === undefined) return true
  const name = (type === 'image' ? attributes.name : attributes.image) ?? ''
  return matchesExactly(filters, 'image', id, name, repositoryOf(id), repositoryOf(name))
}

/** `busybox` of `busybox:latest`; what is no reference stays as it is. */
function repositoryOf(text: string): string {
  try {
    const { tag: _tag, digest: _digest, ...repository } = parseReference(text)
    return familiarName(repository)
  } catch {
    return text
  }
}
