import { failure } from '../../base/index.ts'

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Reads a duration as Go writes it (`1m30s`, `1.5h`, `-2ms`) to nanoseconds. `invalid` with Go's texts. */
export function parseDuration(text: string): number {
  const quoted = JSON.stringify(text)
  const [, sign, body = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  if (body === '0') return 0
  let total = 0n
  let rest = body
  while (rest !== '' || body === '') {
    const [whole, integer = '', fraction = '', unit = ''] = /^([0-9]*)(?:\.([0-9]*))?([^.0-9]*)/.exec(rest) ?? []
    if (!whole || integer + fraction === '') throw failure('invalid', `time: invalid duration ${quoted}`)
    if (unit === '') throw failure('invalid', `time: missing unit in duration ${quoted}`)
    const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined
    if (factor === undefined)
      throw failure('invalid', `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`)
    const digits = fraction.slice(0, 18)
    total += BigInt(integer || '0') * factor + (BigInt(digits || '0') * factor) / 10n ** BigInt(digits.length)
    rest = rest.slice(whole.length)
  }
  // Configurations carry durations as JSON numbers, which are exact up to here: 104 days.
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) throw failure('invalid', `time: invalid duration ${quoted}`)
  return Number(sign === '-' ? -total : total)
}
