import { failure } from '../../../base/index.ts'

/** The query of a request, read by Docker's rules. */
export interface Query {
  /** The first value; undefined when it is absent. An empty one is a value. */
  get(name: string): string | undefined
  /** The first value; an empty or absent one is undefined. */
  text(name: string): string | undefined
  all(name: string): readonly string[]
  /** True unless empty, `0`, `no`, `false` or `none`, whatever the case. */
  flag(name: string, initial?: boolean): boolean
  /** An integer; undefined when absent or empty. `invalid` with Go's text for anything else. */
  integer(name: string): number | undefined
  /** An unsigned integer that must be there. `invalid` naming it as `what`. */
  required32(name: string, what: string): number
}

const FALSE = new Set(['', '0', 'no', 'false', 'none'])

export function parseQuery(search: string): Query {
  const parameters = new URLSearchParams(search)
  const get = (name: string): string | undefined => parameters.get(name) ?? undefined
  const text = (name: string): string | undefined => get(name) || undefined
  return {
    get,
    text,
    all: (name) => parameters.getAll(name),
    flag(name, initial = false) {
      const value = get(name)
      return value === undefined ? initial : !FALSE.has(value.trim().toLowerCase())
    },
    integer(name) {
      const value = text(name)
      if (value === undefined) return undefined
      if (!/^[+-]?\d+$/.test(value)) {
        throw failure('invalid', `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`)
      }
      const number = Number(value)
      if (Number.isSafeInteger(number)) return number
      throw failure('invalid', `strconv.Atoi: parsing ${JSON.stringify(value)}: value out of range`)
    },
    required32(name, what) {
      const value = get(name) ?? ''
      const complain = (why: string) => failure('invalid', `invalid ${what} ${JSON.stringify(value)}: ${why}`)
      if (!/^-?\d+$/.test(value)) throw complain('invalid syntax')
      if (Number(value) < 0 || Number(value) > 0xffff_ffff) throw complain('value out of range')
      return Number(value)
    },
  }
}
