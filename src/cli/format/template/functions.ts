import { failure } from '../../../base/index.ts'
import { formatVerbs, printValue } from './printing.ts'

/** Go's idea of true: not the zero value of its type. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object') return Object.keys(value).length > 0
  return true
}

type TemplateFunction = (...args: unknown[]) => unknown

/** The functions of text/template and those that Docker adds. `and` and `or` are evaluated by the caller, lazily. */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  not: (value) => !isTrue(value),
  len: lengthOf,
  index: (value, ...keys) => keys.reduce(indexInto, value),
  slice: (value, from = 0, to = undefined) =>
    (value as string | unknown[]).slice(Number(from), to as number | undefined),
  eq: (first, ...others) => others.some((other) => sameValue(first, other)),
  ne: (a, b) => !sameValue(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  print: (...values) => printAll(values),
  println: (...values) => `${values.map(printValue).join(' ')}\n`,
  printf: (format, ...values) => formatVerbs(String(format), values),
  html: (...values) => printAll(values).replace(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`),
  js: (...values) => JSON.stringify(printAll(values)).slice(1, -1),
  urlquery: (...values) => encodeURIComponent(printAll(values)),
  json: (value) => JSON.stringify(value) ?? 'null',
  split: (text, separator) => String(text).split(String(separator)),
  join: (list, separator) => (Array.isArray(list) ? list : []).map(printValue).join(String(separator)),
  title: (text) =>
    String(text).replace(/(^|\s)(\p{L})/gu, (_, blank: string, letter: string) => blank + letter.toUpperCase()),
  lower: (text) => String(text).toLowerCase(),
  upper: (text) => String(text).toUpperCase(),
  pad: (text, before, after) =>
    text === '' ? '' : ' '.repeat(Number(before)) + String(text) + ' '.repeat(Number(after)),
  truncate: (text, length) => String(text).slice(0, Number(length)),
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null) return Object.keys(value).length
  throw failure('invalid', `template: :1: error calling len: len of type ${typeof value}`)
}

function indexInto(value: unknown, key: unknown): unknown {
  if (Array.isArray(value) || typeof value === 'string') {
    const at = Number(key)
    if (!(at >= 0 && at < value.length)) {
      throw failure(
        'invalid',
        `template: :1: error calling index: error calling index: index out of range: ${printValue(key)}`,
      )
    }
    return typeof value === 'string' ? value.charCodeAt(at) : value[at]
  }
  if (typeof value === 'object' && value !== null) {
    const name = String(key)
    return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
  }
  throw failure('invalid', 'template: :1: error calling index: index of untyped nil')
}

function sameValue(a: unknown, b: unknown): boolean {
  return (a ?? null) === (b ?? null)
}

function compare(a: unknown, b: unknown): number {
  const numbers = typeof a === 'number' && typeof b === 'number'
  const texts = typeof a === 'string' && typeof b === 'string'
  if (!numbers && !texts) throw failure('invalid', 'template: :1: incompatible types for comparison')
  return a < b ? -1 : a > b ? 1 : 0
}

/** fmt.Sprint: blanks between operands when neither is a string. */
function printAll(values: readonly unknown[]): string {
  return values
    .map((value, at) => {
      const previous = values[at - 1]
      const gap = at > 0 && typeof value !== 'string' && typeof previous !== 'string' ? ' ' : ''
      return gap + printValue(value)
    })
    .join('')
}
