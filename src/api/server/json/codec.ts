/** Where a value stands: for Go's error text. */
export interface Place {
  /** Go's name of the struct that holds the field. */
  readonly struct: string
  readonly path: readonly string[]
  /** The struct that a record stands in whose fields are its own. */
  readonly outer?: string
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

/** How something empty is written: as it is unless said. */
export interface EmptyOption {
  readonly empty?: 'null' | 'omit'
}

export function list<T>(item: Codec<T>, { empty }: EmptyOption = {}): Codec<readonly T[]> {
  const type = `[]${item.type}`
  return {
    type,
    decode(value, place) {
      if (value === null || value === undefined) return undefined
      if (!Array.isArray(value)) throw new TypeMismatch(value, { type, place })
      return value.flatMap((entry: unknown) => {
        const read = item.decode(entry, place)
        return read === undefined ? [] : [read]
      })
    },
    encode: (value) => (value.length > 0 ? value.map((entry) => item.encode(entry)) : writeEmpty(empty, [])),
  }
}

/** A list that one string stands for too, as in `"Cmd": "ls"`. */
export function words(): Codec<readonly string[]> {
  const many = list(text)
  return { ...many, decode: (value, place) => (typeof value === 'string' ? [value] : many.decode(value, place)) }
}

/** An object with any keys. */
export function map<T>(item: Codec<T>, { empty }: EmptyOption = {}): Codec<Readonly<Record<string, T>>> {
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
      if (entries.length === 0) return writeEmpty(empty, {})
      return Object.fromEntries(entries.map(([key, entry]) => [key, item.encode(entry)]))
    },
  }
}

/** Go's set: `{"80/tcp": {}}`, inside a list of the keys. */
export function keySet(options: EmptyOption = {}): Codec<readonly string[]> {
  const member: Codec<object> = { type: 'struct {}', decode: () => ({}), encode: () => ({}) }
  return adapted(map(member, options), {
    type: 'map[string]struct {}',
    decode: (sets) => Object.keys(sets),
    encode: (keys) => Object.fromEntries(keys.map((key) => [key, {}])),
  })
}

/** The same JSON, another value inside. */
export function adapted<T, U>(
  codec: Codec<T>,
  options: { readonly type?: string; readonly decode: (value: T) => U | undefined; readonly encode: (value: U) => T },
): Codec<U> {
  return {
    type: options.type ?? codec.type,
    decode(value, place) {
      const read = codec.decode(value, place)
      return read === undefined ? undefined : options.decode(read)
    },
    encode: (value) => codec.encode(options.encode(value)),
  }
}

/** A value that is null inside as well. */
export function nullable<T>(codec: Codec<T>, options: { readonly empty?: 'omit' } = {}): Codec<T | null> {
  const written = options.empty === 'omit' ? undefined : null
  return { ...codec, encode: (value) => (value === null ? written : codec.encode(value)) }
}

/** Leaves the key out for Go's zero value, as `omitempty` does. */
export function omitZero<T extends string | number | boolean>(codec: Codec<T>): Codec<T> {
  return { ...codec, encode: (value) => (value ? codec.encode(value) : undefined) }
}

/** Zero, on the wire, says that nothing was said. */
export function zeroAbsent<T extends string | number>(codec: Codec<T>): Codec<T> {
  return { ...codec, decode: (value, place) => codec.decode(value, place) || undefined }
}

/** `initial` inside for null on the wire: entries of lists and maps that are null count. */
export function orElse<T>(codec: Codec<T>, initial: T): Codec<T> {
  return { ...codec, decode: (value, place) => codec.decode(value, place) ?? initial }
}

function writeEmpty(empty: EmptyOption['empty'], value: object): unknown {
  return empty === 'omit' ? undefined : empty === 'null' ? null : value
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
