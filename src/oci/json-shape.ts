import { failure } from '../base/index.ts'
import { type Digest, isDigest } from './digest.ts'

/**
 * Reads one JSON value. Gives the checked value, or undefined when it is absent (`null` counts as absent, as in Go) or
 * wrong; what is wrong is added to `problems` under `path`.
 */
export type Shape<T> = (value: unknown, at: { readonly path: string; readonly problems: string[] }) => T | undefined

/** Reads the document or fails once, with `invalid` and everything that is wrong with it. */
export function readDocument<T>(bytes: Uint8Array, what: { name: string; limit: number; shape: Shape<T> }): T {
  if (bytes.length > what.limit) {
    throw failure('invalid', `invalid ${what.name}: ${bytes.length} bytes, at most ${what.limit} are accepted`)
  }
  const problems: string[] = []
  const value = what.shape(parseJson(bytes, what.name), { path: '', problems })
  if (value !== undefined && problems.length === 0) return value
  const shown = problems.slice(0, 10)
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`)
  throw failure('invalid', `invalid ${what.name}: ${shown.length > 0 ? shown.join('; ') : 'empty'}`)
}

export function text(options: { readonly max?: number; readonly nul?: boolean } = {}): Shape<string> {
  const { max = 1 << 20, nul = false } = options
  return checked((value) => {
    if (typeof value !== 'string') return 'want a string'
    if (value.length > max) return `longer than ${max} characters`
    return nul || !value.includes('\0') ? undefined : 'contains a NUL character'
  })
}

export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return checked((value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return 'want an integer'
    return value >= min && value <= max ? undefined : `${value} is out of range`
  })
}

export const flag: Shape<boolean> = checked((value) => (typeof value === 'boolean' ? undefined : 'want true or false'))

export const digestText: Shape<Digest> = checked((value) =>
  typeof value === 'string' && isDigest(value) ? undefined : 'want sha256:<64 hex digits>',
)

export function oneOf<const T extends string | number>(...allowed: readonly T[]): Shape<T> {
  return checked((value) =>
    allowed.includes(value as T) ? undefined : `want ${allowed.map((one) => JSON.stringify(one)).join(' or ')}`,
  )
}

export function listOf<T>(item: Shape<T>, max = 10_000): Shape<readonly T[]> {
  return (value, { path, problems }) => {
    if (value === undefined || value === null) return undefined
    if (!Array.isArray(value)) return void problems.push(`${path}: want a list`)
    if (value.length > max) return void problems.push(`${path}: ${value.length} entries, at most ${max} are accepted`)
    const items: T[] = []
    for (const [index, entry] of value.entries()) {
      const at = { path: `${path}[${index}]`, problems }
      const read = item(entry, at)
      if (read !== undefined) items.push(read)
      else if (entry === null) problems.push(`${at.path}: want a value`)
    }
    return items
  }
}

export function mapOf<T>(item: Shape<T>, max = 10_000): Shape<Readonly<Record<string, T>>> {
  return (value, { path, problems }) => {
    if (value === undefined || value === null) return undefined
    if (!isObject(value)) return void problems.push(`${path}: want an object`)
    const entries = Object.entries(value)
    if (entries.length > max)
      return void problems.push(`${path}: ${entries.length} entries, at most ${max} are accepted`)
    // fromEntries defines own properties, so that a key named __proto__ stays a key.
    return Object.fromEntries(
      entries.flatMap(([key, entry]) => {
        const read = item(entry, { path: `${path}[${quote(key)}]`, problems })
        return read === undefined ? [] : [[key, read]]
      }),
    )
  }
}

/** Keys that are not named are dropped; a key of `required` that is absent is a problem. */
export function objectOf<T extends object>(
  fields: { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> },
  required: readonly (keyof T & string)[] = [],
): Shape<T> {
  const shapes = Object.entries(fields) as [keyof T & string, Shape<unknown>][]
  return (value, { path, problems }) => {
    if (value === undefined || value === null) return undefined
    if (!isObject(value)) return void problems.push(`${path === '' ? 'document' : path}: want an object`)
    const result: [string, unknown][] = []
    for (const [key, shape] of shapes) {
      const found = Object.hasOwn(value, key) ? value[key] : undefined
      const at = path === '' ? key : `${path}.${key}`
      const read = shape(found, { path: at, problems })
      if (read !== undefined) result.push([key, read])
      else if ((found === undefined || found === null) && required.includes(key)) problems.push(`${at}: missing`)
    }
    return Object.fromEntries(result) as T
  }
}

function checked<T>(complaint: (value: unknown) => string | undefined): Shape<T> {
  return (value, { path, problems }) => {
    if (value === undefined || value === null) return undefined
    const problem = complaint(value)
    if (problem === undefined) return value as T
    problems.push(`${path}: ${problem}`)
    return undefined
  }
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw failure('invalid', `invalid ${name}: not JSON in UTF-8`, { cause })
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function quote(key: string): string {
  return JSON.stringify(key.slice(0, 64))
}
