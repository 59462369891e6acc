/** Where a value stands: for Go's error text. */
export interface Place {
  /** Go's name of the struct that holds the field. */
  readonly struct: string
  readonly path: readonly string[]
}

/**
 * One shape of JSON and what stands for it inside. Decoding follows encoding/json: `null` counts as absent, keys that
 * nobody named are ignored, keys are found whatever their case; a wrong type is a TypeMismatch.
 */
export interface Codec<T> {
  /** Go's name of the type: `int64`, `[]string`. */
  readonly type: string
  /** undefined when there is nothing to read. */
  decode(value: unknown, place: Place): T | undefined
  /** undefined leaves the key out. */
  encode(value: T): unknown
}

/** A value of another JSON type than its field's. The message is Go's. */
export class TypeMismatch extends Error {
  constructor(found: unknown, { type, place }: { readonly type: string; readonly place: Place }) {
    const field = [place.struct, ...place.path].join('.')
    super(
      place.path.length === 0
        ? `json: cannot unmarshal ${describe(found)} into Go value of type ${type}`
        : `json: cannot unmarshal ${describe(found, type)} into Go struct field ${field} of type ${type}`,
    )
    this.name = 'TypeMismatch'
  }
}

export const text: Codec<string> = scalar('string', (value) => typeof value === 'string')
export const flag: Codec<boolean> = scalar('bool', (value) => typeof value === 'boolean')
export const int64: Codec<number> = integer('int64', -(2 ** 63), 2 ** 63)
export const int: Codec<number> = integer('int', -(2 ** 63), 2 ** 63)
export const uint: Codec<number> = integer('uint', 0, 2 ** 64)
export const uint16: Codec<number> = integer('uint16', 0, 65_535)
export const uint32: Codec<number> = integer('uint32', 0, 2 ** 32 - 1)

export function list<T>(item: Codec<T>, options: { readonly empty?: 'null' | 'list' } = {}): Codec<readonly T[]> {
  const type = `[]${item.type}`
  return {
    type,
    decode(value, place) {
      if (value === null || value === undefined) return undefined
      if (!Array.isArray(value)) throw new TypeMismatch(value, { type, place })
      return value.flatMap((entry: unknown) => item.decode(entry, place) ?? [])
    },
    encode: (value) =>
      value.length === 0 && options.empty === 'null' ? null : value.map((entry) => item.encode(entry)),
  }
}

/** A list that one string stands for too, as in `"Cmd": "ls"`. */
export function words(): Codec<readonly string[]> {
  const many = list(text)
  return { ...many, decode: (value, place) => (typeof value === 'string' ? [value] : many.decode(value, place)) }
}

/** An object with any keys. `empty: 'omit'` leaves it out when there are none. */
export function map<T>(
  item: Codec<T>,
  options: { readonly empty?: 'omit' | 'null' | 'map' } = {},
): Codec<Readonly<Record<string, T>>> {
  const type = `map[string]${item.type}`
  return {
    type,
    decode(value, place) {
      if (value === null || value === undefined) return undefined
      if (!isObject(value)) throw new TypeMismatch(value, { type, place })
      // fromEntries defines own properties, so that a key named __proto__ stays a key.
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, entry]) => {
          const read = item.decode(entry, place)
          return read === undefined ? [] : [[key, read] as const]
        }),
      )
    },
    encode(value) {
      const entries = Object.entries(value)
      if (entries.length === 0 && options.empty === 'omit') return undefined
      if (entries.length === 0 && options.empty === 'null') return null
      return Object.fromEntries(entries.map(([key, entry]) => [key, item.encode(entry)]))
    },
  }
}

/** Go's set: `{"80/tcp": {}}`, inside a list of the keys. */
export function keySet(options: { readonly empty?: 'omit' | 'null' | 'map' } = {}): Codec<readonly string[]> {
  const anything: Codec<object> = {
    type: 'struct {}',
    decode: (value) => (isObject(value) ? value : {}),
    encode: () => ({}),
  }
  const sets = map(anything, options)
  return {
    type: 'map[string]struct {}',
    decode(value, place) {
      const read = sets.decode(value, place)
      return read && Object.keys(read)
    },
    encode: (keys) => sets.encode(Object.fromEntries(keys.map((key) => [key, {}]))),
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function scalar<T>(type: string, is: (value: unknown) => boolean): Codec<T> {
  return {
    type,
    decode(value, place) {
      if (value === null || value === undefined) return undefined
      if (!is(value)) throw new TypeMismatch(value, { type, place })
      return value as T
    },
    encode: (value) => value,
  }
}

function integer(type: string, min: number, max: number): Codec<number> {
  return scalar(type, (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
}

/** How Go names what it found; numbers that do not fit are shown. */
function describe(value: unknown, wanted = ''): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return /int/.test(wanted) ? `number ${value}` : 'number'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}
