import { failure } from './errors.ts'

/** One flag of a command line. Its long name is its key in the table that holds it. */
export interface Flag<T> {
  readonly short?: string
  /** The word that help prints for the value (`string`, `list`, `bytes`); empty for switches. */
  readonly type: string
  readonly usage: string
  readonly initial: T
  /** The value of a flag given without one (`--detach`); undefined: a value is required. */
  readonly implied?: string
  readonly hidden?: boolean
  /** Older long names that mean the same. */
  readonly aliases?: readonly string[]
  /** Turns the text of one occurrence into the new value; throws an Error whose message says what is wrong. */
  readonly parse: (text: string, previous: T) => T
}

interface FlagOptions<T> {
  readonly short?: string
  readonly initial?: T
  readonly type?: string
  readonly hidden?: boolean
  readonly aliases?: readonly string[]
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds flags of all types; ValuesOf gives each its own back
export type FlagTable = Readonly<Record<string, Flag<any>>>

export type ValuesOf<S extends FlagTable> = { readonly [K in keyof S]: S[K] extends Flag<infer T> ? T : never }

export interface ParsedFlags<S extends FlagTable> {
  readonly values: ValuesOf<S>
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>
  readonly args: readonly string[]
}

export const flag = {
  string: (usage: string, options: FlagOptions<string> = {}): Flag<string> =>
    make('string', usage, { ...options, initial: options.initial ?? '', parse: (text) => text }),

  boolean: (usage: string, options: FlagOptions<boolean> = {}): Flag<boolean> => ({
    ...make('', usage, { ...options, initial: options.initial ?? false, parse: parseBoolean }),
    implied: 'true',
  }),

  integer: (usage: string, options: FlagOptions<number> = {}): Flag<number> =>
    make('int', usage, { ...options, initial: options.initial ?? 0, parse: parseInteger }),

  /** May be given several times; each occurrence adds one entry. */
  list: (usage: string, options: FlagOptions<readonly string[]> = {}): Flag<readonly string[]> =>
    make('list', usage, { ...options, initial: options.initial ?? [], parse: (text, previous) => [...previous, text] }),

  /** A value with rules of its own. `initial` must be given. */
  custom: <T>(
    usage: string,
    options: FlagOptions<T> & { readonly initial: T; readonly parse: (text: string, previous: T) => T },
  ): Flag<T> => make(options.type ?? 'string', usage, options),
} as const

/**
 * Reads a command line by the rules of GNU and pflag: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abc`,
 * `--` ends the flags. With `interspersed` false the first plain word ends them too (`run IMAGE COMMAND…`).
 * Fails as `invalid` with pflag's texts.
 */
export function parseFlags<S extends FlagTable>(
  table: S,
  options: { readonly argv: readonly string[]; readonly interspersed?: boolean },
): ParsedFlags<S> {
  const { argv, interspersed = true } = options
  const values: Record<string, unknown> = {}
  for (const [name, { initial }] of Object.entries(table)) values[name] = initial
  const longs = new Map(
    Object.entries(table).flatMap(([name, { aliases = [] }]) =>
      [name, ...aliases].map((long) => [long, name] as const),
    ),
  )
  const shorts = new Map(Object.entries(table).flatMap(([name, { short }]) => (short ? [[short, name] as const] : [])))
  const given = new Set<string>()
  const args: string[] = []
  const rest = [...argv]

  function assign(name: string, text: string): void {
    const found = table[name] as Flag<unknown>
    try {
      values[name] = found.parse(text, values[name])
    } catch (cause) {
      const label = found.short ? `-${found.short}, --${name}` : `--${name}`
      const why = cause instanceof Error ? cause.message : String(cause)
      throw failure('invalid', `invalid argument ${JSON.stringify(text)} for "${label}" flag: ${why}`, { cause })
    }
    given.add(name)
  }

  function readLong(word: string): void {
    const body = word.slice(2)
    const equals = body.indexOf('=')
    const typed = equals < 0 ? body : body.slice(0, equals)
    if (typed === '' || typed.startsWith('-')) throw failure('invalid', `bad flag syntax: ${word}`)
    const name = longs.get(typed)
    if (name === undefined) throw failure('invalid', `unknown flag: --${typed}`)
    const next = equals >= 0 ? body.slice(equals + 1) : (table[name]?.implied ?? rest.shift())
    if (next === undefined) throw failure('invalid', `flag needs an argument: --${typed}`)
    assign(name, next)
  }

  /** Reads the first letter of a group such as `itd`; gives back the letters that are still to read. */
  function readShort(letters: string): string {
    const letter = letters[0] ?? ''
    const name = shorts.get(letter)
    if (name === undefined) throw failure('invalid', `unknown shorthand flag: '${letter}' in -${letters}`)
    const { implied } = table[name] as Flag<unknown>
    const tail = letters.slice(1)
    if (implied !== undefined && !tail.startsWith('=')) {
      assign(name, implied)
      return tail
    }
    const value = tail === '' ? rest.shift() : tail.replace(/^=/, '')
    if (value === undefined) throw failure('invalid', `flag needs an argument: '${letter}' in -${letters}`)
    assign(name, value)
    return ''
  }

  function readShorts(word: string): void {
    let letters = word.slice(1)
    while (letters !== '') letters = readShort(letters)
  }

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      args.push(...rest)
      break
    }
    if (word.startsWith('--')) readLong(word)
    else if (word.length > 1 && word.startsWith('-')) readShorts(word)
    else if (interspersed) args.push(word)
    else {
      args.push(word, ...rest)
      break
    }
  }
  return { values: values as ValuesOf<S>, given, args }
}

function make<T>(
  type: string,
  usage: string,
  options: FlagOptions<T> & { readonly initial: T; readonly parse: (text: string, previous: T) => T },
): Flag<T> {
  const { short, initial, parse, hidden, aliases } = options
  return {
    ...(short ? { short } : {}),
    ...(hidden ? { hidden } : {}),
    ...(aliases ? { aliases } : {}),
    type: options.type ?? type,
    usage,
    initial,
    parse,
  }
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

function parseBoolean(text: string): boolean {
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

function parseInteger(text: string): number {
  if (!/^[+-]?(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) {
    throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
}
