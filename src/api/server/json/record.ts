import { type Codec, isObject, type Place, TypeMismatch } from './codec.ts'

/** One field of a record: its key on the wire, how it is read, and its value when it is absent. */
export interface Field<T> {
  /** undefined: the codec's own fields stand in the same object, as in an embedded Go struct. */
  readonly key: string | undefined
  readonly codec: Codec<Exclude<T, undefined>>
  readonly initial: T
  /** How an undefined value is written; left out unless said. */
  readonly absent?: unknown
}

export function field<T>(key: string, codec: Codec<T>, initial: NoInfer<T>): Field<T> {
  return { key, codec: codec as Codec<Exclude<T, undefined>>, initial }
}

/** A field that may be undefined inside; `absent` is then written. */
export function optional<T>(
  key: string,
  codec: Codec<T>,
  options: { readonly absent?: unknown } = {},
): Field<T | undefined> {
  return { key, codec: codec as Codec<Exclude<T, undefined>>, initial: undefined, ...options }
}

export function embedded<T extends object>(codec: Codec<T>): Field<T> {
  return { key: undefined, codec: codec as Codec<Exclude<T, undefined>>, initial: codec.decode({}, ROOT) as T }
}

/**
 * An object with known keys. Absent fields get their initial value; fields whose value is undefined are left out of
 * the result. Of two keys that differ in case alone the exact one or the later one counts.
 */
export function record<T extends object>(struct: string, fields: { readonly [K in keyof T]-?: Field<T[K]> }): Codec<T> {
  const known = Object.entries(fields) as [keyof T & string, Field<unknown>][]
  const keys = new Map(known.flatMap(([, { key }]) => (key === undefined ? [] : [[key.toLowerCase(), key] as const])))

  function decode(value: unknown, place: Place): T | undefined {
    if (value === null || value === undefined) return undefined
    if (!isObject(value)) throw new TypeMismatch(value, { type: struct, place })
    const found = sortKeys(value, keys)
    const outer = place.outer ?? struct.replace(/^.*\./, '')
    const result = known.flatMap(([name, { key, codec, initial }]) => {
      const read =
        key === undefined
          ? codec.decode(value, { ...place, outer })
          : codec.decode(found.get(key), { struct: outer, path: [...place.path, key] })
      const settled = read ?? initial
      return settled === undefined ? [] : [[name, settled] as const]
    })
    return Object.fromEntries(result) as T
  }

  function encode(value: T): unknown {
    const result: [string, unknown][] = known.flatMap(([name, { key, codec, absent }]) => {
      const inner = value[name]
      const written = inner === undefined ? absent : codec.encode(inner as never)
      if (key === undefined) return Object.entries(written as object)
      return written === undefined ? [] : [[key, written]]
    })
    return Object.fromEntries(result)
  }

  return { type: struct, decode, encode }
}

const ROOT: Place = { struct: '', path: [] }

/** Decodes a whole document. */
export function decodeRoot<T>(codec: Codec<T>, value: unknown): T | undefined {
  return codec.decode(value, ROOT)
}

/** The values of a document by the record's own spelling of the keys. */
function sortKeys(value: Record<string, unknown>, keys: ReadonlyMap<string, string>): Map<string, unknown> {
  const found = new Map<string, unknown>()
  const exact = new Set<string>()
  for (const [spelling, inner] of Object.entries(value)) {
    const key = keys.get(spelling.toLowerCase())
    if (key === undefined || (exact.has(key) && key !== spelling)) continue
    if (key === spelling) exact.add(key)
    found.set(key, inner)
  }
  return found
}
