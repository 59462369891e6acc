import { parseTimestamp, type Timestamp } from '../../base/index.ts'
import type { LogRecord } from '../contract.ts'

/*
 * A line of the log, as conmon writes it (k8s-file):
 *
 *   2026-11-21T05:00:00.123456789+00:00 stdout F text of the container\n
 *                                       stderr P a part of a line, cut where conmon's read ended\n
 *
 * The newline behind F is the container's own, that behind P is not. Everything else of the text is verbatim.
 */

const SPACE = 0x20
const NEWLINE = 0x0a
const TAG_FULL = 0x46
const TAG_PARTIAL = 0x50
const LETTER_O = 0x6f
const LETTER_E = 0x65

/** Length of conmon's time in years of four digits. */
const TIME_LENGTH = 35
/** `stdout F ` with the blank before it. */
const MARK_LENGTH = 10

export type RecordParser = (
  bytes: Buffer,
  span: { readonly start: number; readonly end: number },
) => LogRecord | undefined

/**
 * Makes a parser of lines, which remembers the second it has last seen. A line lies from `start` to before its newline
 * at `end`; its data stays in `bytes`. Undefined for what is no record, as a full disk or a crash leaves behind.
 */
export function createRecordParser(): RecordParser {
  const parseTime = createTimeParser()

  return (bytes, { start, end }) => {
    const mark = markOf(bytes, { start, end })
    if (mark === undefined) return undefined
    const letter = bytes[mark + 4]
    const tag = bytes[mark + 8]
    if (letter !== LETTER_O && letter !== LETTER_E) return undefined
    if (tag !== TAG_FULL && tag !== TAG_PARTIAL) return undefined
    const time = parseTime(bytes.toString('latin1', start, mark))
    if (time === undefined) return undefined
    const partial = tag === TAG_PARTIAL
    const dataEnd = partial || bytes[end] !== NEWLINE ? end : end + 1
    const stream = letter === LETTER_O ? 'stdout' : 'stderr'
    return { time, stream, data: bytes.subarray(mark + MARK_LENGTH, dataEnd), partial }
  }
}

/** Where the blank behind the time is, when the parts behind it are where they belong. */
function markOf(bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): number | undefined {
  const usual = start + TIME_LENGTH
  const mark = bytes[usual] === SPACE ? usual : bytes.indexOf(SPACE, start)
  if (mark < 0 || mark + MARK_LENGTH > end) return undefined
  return bytes[mark + 7] === SPACE && bytes[mark + 9] === SPACE ? mark : undefined
}

/** Times of neighbours share all but the fraction, which is cheap to read. */
function createTimeParser(): (text: string) => Timestamp | undefined {
  let second = ''
  let zone = ''
  let base = 0n

  return (text) => {
    if (text.length !== TIME_LENGTH) return parseTimestamp(text)
    if (!text.startsWith(second) || !text.endsWith(zone) || second === '') {
      const whole = parseTimestamp(text.slice(0, 19) + text.slice(29))
      if (whole === undefined) return undefined
      second = text.slice(0, 20)
      zone = text.slice(29)
      base = whole
    }
    const fraction = Number(text.slice(20, 29))
    return Number.isInteger(fraction) ? base + BigInt(fraction) : undefined
  }
}
