import { failure } from '../../base/index.ts'

/** Reads `80`, `53/udp` and `8000-8010/tcp` into single ports. `invalid` with Docker's texts. */
export function parsePorts(values: readonly string[], filter: 'publish' | 'expose'): ReadonlySet<string> {
  return new Set(values.flatMap((value) => expand(value, filter)))
}

function expand(value: string, filter: string): readonly string[] {
  if (value.includes(':')) throw failure('invalid', `filter for '${filter}' should not contain ':': ${value}`)
  const [range = '', protocol = ''] = value.split('/')
  const fail = (reason: string): Error => failure('invalid', `error while looking up for ${filter} ${value}: ${reason}`)
  if (range === '') throw fail('empty string specified for ports')
  const ends = range.split('-').slice(0, 2)
  const wrong = ends.find((end) => !/^\d+$/.test(end) || Number(end) > 65_535)
  if (wrong !== undefined) {
    const reason = /^\d+$/.test(wrong) ? 'value out of range' : 'invalid syntax'
    throw fail(`strconv.ParseUint: parsing ${JSON.stringify(wrong)}: ${reason}`)
  }
  const [first = 0, last = first] = ends.map(Number)
  if (last < first) throw fail(`invalid range specified for port: ${range}`)
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol || 'tcp'}`)
}
