/** Reads sizes such as `64m` in powers of 1024; throws with the text of Go's units library. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(?:([bkmgtp])(?:i?b)?)?$/i.exec(text)
  if (!match) throw new Error(`invalid size: '${text}'`)
  return Math.floor(Number(match[1]) * 1024 ** 'bkmgtp'.indexOf((match[2] ?? 'b').toLowerCase()))
}

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** Reads Go durations (`1m30s`, `500ms`) into nanoseconds. */
export function parseDuration(text: string): number {
  if (text === '0') return 0
  const parts = Array.from(text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g))
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.replace(/^[+-]/, '')) {
    throw new Error(`time: invalid duration ${JSON.stringify(text)}`)
  }
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (NANOSECONDS[unit ?? ''] ?? 0), 0)
  return text.startsWith('-') ? -total : total
}
