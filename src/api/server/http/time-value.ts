import { failure, parseDuration, parseTimestamp, type Timestamp } from '../../../base/index.ts'

/**
 * Reads a point in time as clients write it: Unix seconds with a fraction, RFC 3339 (also without zone, then UTC, or
 * cut off after the day, hour or minute), or a Go duration before `now`. `invalid` for anything else.
 */
export function parseTimeValue(text: string, now: Timestamp): Timestamp {
  const unix = /^(-?\d+)(?:\.(\d{1,9})\d*)?$/.exec(text)
  if (unix) return BigInt(unix[1] ?? 0) * 1_000_000_000n + BigInt((unix[2] ?? '').padEnd(9, '0'))
  return parseCalendar(text) ?? parseAgo(text, now)
}

const CALENDAR = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d+)?))?)?)?([Zz]|[+-]\d{2}:\d{2})?$/

function parseCalendar(text: string): Timestamp | undefined {
  const match = CALENDAR.exec(text)
  if (!match) return undefined
  const [, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = match
  return parseTimestamp(`${day}T${hour}:${minute}:${second}${zone}`)
}

function parseAgo(text: string, now: Timestamp): Timestamp {
  try {
    return now - BigInt(Math.round(parseDuration(text)))
  } catch (cause) {
    throw failure('invalid', `failed to parse value as time or duration: ${JSON.stringify(text)}`, { cause })
  }
}
