/** Nanoseconds since the epoch. All times inside are of this type; text only at the borders. */
export type Timestamp = bigint

export interface Clock {
  /** The present time; successive calls never return the same value or an earlier one. */
  now(): Timestamp
}

export function createClock(): Clock {
  const started = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()
  let last = 0n
  return {
    now() {
      const fine = started + process.hrtime.bigint()
      const coarse = BigInt(Date.now()) * 1_000_000n
      // The monotonic clock gives the digits, the wall clock the truth: follow it when it has been set.
      const drift = fine - coarse
      const value = drift > 50_000_000n || drift < -50_000_000n ? coarse : fine
      last = value > last ? value : last + 1n
      return last
    },
  }
}

/** RFC 3339 in UTC with as many of the nine fractional digits as are not trailing zeros, as Go's RFC3339Nano. */
export function formatTimestamp(time: Timestamp): string {
  const { seconds, fraction } = split(time)
  const digits = fraction.toString().padStart(9, '0').replace(/0+$/, '')
  return `${seconds}${digits === '' ? '' : `.${digits}`}Z`
}

/** RFC 3339 in UTC with all nine fractional digits, as Docker stamps log lines. */
export function formatTimestampFixed(time: Timestamp): string {
  const { seconds, fraction } = split(time)
  return `${seconds}.${fraction.toString().padStart(9, '0')}Z`
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/

/** Reads RFC 3339 with up to nanoseconds; undefined when the text is not of that form. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const [, day, clock, fraction = '', zone = 'Z'] = match
  const milliseconds = Date.parse(`${day}T${clock}${zone.toUpperCase()}`)
  if (Number.isNaN(milliseconds)) return undefined
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function split(time: Timestamp): { seconds: string; fraction: bigint } {
  const fraction = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const whole = (time - fraction) / 1_000_000n
  return { seconds: new Date(Number(whole)).toISOString().slice(0, 19), fraction }
}
