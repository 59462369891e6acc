/** Reads sizes such as `64m` in powers of 1024; throws with the text of Go's units library. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(?:([bkmgtp])(?:i?b)?)?$/i.exec(text)
  if (!match) throw new Error(`invalid size: '${text}'`)
  return Math.floor(Number(match[1]) * 1024 ** 'bkmgtp'.indexOf((match[2] ?? 'b').toLowerCase()))
}

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/**
 * Reads Go durations (`1m30s`, `500ms`) into nanoseconds, at most the 104 days that a number holds exactly. Throws with
 * Go's texts.
 */
export function parseDuration(text: string): number {
  const quoted = JSON.stringify(text)
  const body = text.replace(/^[-+]/, '')
  if (body === '0') return 0
  let total = 0n
  for (let rest = body; rest !== '' || body === ''; ) {
    const [whole = '', integer = '', fraction = '', unit = ''] = /^(\d*)(?:\.(\d*))?([^.\d]*)/.exec(rest) ?? []
    if (integer + fraction === '') throw new Error(`time: invalid duration ${quoted}`)
    if (unit === '') throw new Error(`time: missing unit in duration ${quoted}`)
    const factor = Object.hasOwn(NANOSECONDS, unit) ? NANOSECONDS[unit] : undefined
    if (factor === undefined) throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`)
    const digits = fraction.slice(0, 18)
    total += BigInt(integer || '0') * factor + (BigInt(digits || '0') * factor) / 10n ** BigInt(digits.length)
    rest = rest.slice(whole.length)
  }
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`time: invalid duration ${quoted}`)
  return Number(text.startsWith('-') ? -total : total)
}
