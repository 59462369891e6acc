import { failure } from '../../../base/index.ts'
import { isObject } from '../json/codec.ts'
import { explainJson } from '../json/syntax.ts'

/** The `filters` parameter: values by name. */
export type Filters = Readonly<Record<string, readonly string[]>>

/** Reads both of Docker's forms, `{"label":["a"]}` and `{"label":{"a":true}}`. `invalid` for an unknown name. */
export function parseFilters(text: string | undefined, accepted: readonly string[]): Filters {
  if (text === undefined) return {}
  const entries = Object.entries(parseObject(text)).map(([name, values]) => [name, parseValues(values)] as const)
  for (const [name] of entries) {
    if (!accepted.includes(name)) throw failure('invalid', `invalid filter '${name}'`)
  }
  return Object.fromEntries(entries)
}

/** A filter that says yes or no; undefined when it is absent. `invalid` when it says neither or both. */
export function filterFlag(filters: Filters, name: string): boolean | undefined {
  const values = valuesOf(filters, name)
  if (values === undefined) return undefined
  const yes = values.includes('1') || values.includes('true')
  const no = values.includes('0') || values.includes('false')
  if (yes !== no) return yes
  throw failure('invalid', `invalid filter '${name}=[${values.join(' ')}]'`)
}

/** True when one of the values is a pattern found in one of `candidates`, or when the filter is absent. */
export function matchesPattern(filters: Filters, name: string, ...candidates: readonly string[]): boolean {
  const values = valuesOf(filters, name)
  if (values === undefined || values.length === 0) return true
  return candidates.some((candidate) => values.includes(candidate) || values.some((value) => isFound(value, candidate)))
}

/** True when one of the values is `candidate`, or when the filter is absent. */
export function matchesExactly(filters: Filters, name: string, ...candidates: readonly string[]): boolean {
  const values = valuesOf(filters, name)
  return values === undefined || values.length === 0 || candidates.some((candidate) => values.includes(candidate))
}

/** True when every `key` or `key=value` of the filter is among the labels, or when the filter is absent. */
export function matchesLabels(filters: Filters, name: string, labels: Readonly<Record<string, string>>): boolean {
  return (valuesOf(filters, name) ?? []).every((value) => {
    const equals = value.indexOf('=')
    const key = equals < 0 ? value : value.slice(0, equals)
    return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === value.slice(equals + 1))
  })
}

export function valuesOf(filters: Filters, name: string): readonly string[] | undefined {
  return Object.hasOwn(filters, name) ? filters[name] : undefined
}

/** Go's regular expressions that are not JavaScript's match nothing, as a broken one does in Docker. */
function isFound(pattern: string, candidate: string): boolean {
  try {
    return new RegExp(pattern).test(candidate)
  } catch {
    return false
  }
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw failure('invalid', `invalid filter: ${explainJson(text).message}`, { cause })
  }
  if (value === null) return {}
  if (isObject(value)) return value
  throw failure('invalid', 'invalid filter')
}

function parseValues(values: unknown): readonly string[] {
  if (values === null) return []
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  if (isObject(values) && Object.values(values).every((value) => typeof value === 'boolean')) return Object.keys(values)
  throw failure('invalid', 'invalid filter')
}
