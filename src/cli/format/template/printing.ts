/** How Go's fmt prints a value with %v; what a template has no value for is `<no value>`. */
export function printValue(value: unknown): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([name, entry]) => `${name}:${printValue(entry)}`).join(' ')}]`
  }
  return String(value)
}

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g

/** fmt.Sprintf for the verbs that templates use: %s %v %d %q %t %f %x %X %o %b %c %T %%. */
export function formatVerbs(format: string, values: readonly unknown[]): string {
  let at = 0
  const text = format.replace(
    VERB,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (at >= values.length) return `%!${verb}(MISSING)`
      const body = formatVerb(verb, values[at], precision)
      at += 1
      return pad(body, { flags, width: Number(width ?? 0) })
    },
  )
  const extra = values.slice(at).map((value) => `${typeName(value)}=${printValue(value)}`)
  return extra.length > 0 ? `${text}%!(EXTRA ${extra.join(', ')})` : text
}

function formatVerb(verb: string, value: unknown, precision: string | undefined): string {
  switch (verb) {
    case 's':
    case 'v':
      return precision === undefined ? printValue(value) : printValue(value).slice(0, Number(precision))
    case 'q':
      return JSON.stringify(printValue(value))
    case 'd':
      return typeof value === 'number' ? String(Math.trunc(value)) : `%!d(${typeName(value)}=${printValue(value)})`
    case 't':
      return typeof value === 'boolean' ? String(value) : `%!t(${typeName(value)}=${printValue(value)})`
    case 'f':
      return typeof value === 'number'
        ? value.toFixed(Number(precision ?? 6))
        : `%!f(${typeName(value)}=${printValue(value)})`
    case 'x':
    case 'X': {
      const hex = typeof value === 'number' ? value.toString(16) : Buffer.from(printValue(value)).toString('hex')
      return verb === 'X' ? hex.toUpperCase() : hex
    }
    case 'o':
      return Number(value).toString(8)
    case 'b':
      return Number(value).toString(2)
    case 'c':
      return String.fromCodePoint(Number(value))
    case 'T':
      return typeName(value)
    default:
      return `%!${verb}(${typeName(value)}=${printValue(value)})`
  }
}

function pad(body: string, { flags, width }: { flags: string; width: number }): string {
  if (flags.includes('-')) return body.padEnd(width)
  return body.padStart(width, flags.includes('0') ? '0' : ' ')
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'object' ? 'map[string]interface {}' : 'string'
}
