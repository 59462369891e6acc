import { formatTimestampFixed } from '../../../base/index.ts'
import type { LogRecord, StreamName } from '../../../runtime/index.ts'
import { frame } from './terminal.ts'

/**
 * Log records as clients read them: each line with its time in front when asked for, and in frames when streams are
 * told apart. The pieces of a long line follow each other with one time, that of the first.
 */
export async function* formatLog(
  records: AsyncIterable<LogRecord>,
  options: { readonly timestamps: boolean; readonly details: string; readonly multiplexed: boolean },
): AsyncGenerator<Buffer> {
  const inLine: Record<StreamName, boolean> = { stdout: false, stderr: false }
  for await (const { time, stream, data, partial } of records) {
    const prefix = inLine[stream] ? '' : formatPrefix(time, options)
    inLine[stream] = partial
    const line = prefix === '' ? data : Buffer.concat([Buffer.from(prefix), data])
    yield options.multiplexed ? frame(stream, line) : line
  }
}

function formatPrefix(
  time: LogRecord['time'],
  { timestamps, details }: { readonly timestamps: boolean; readonly details: string },
): string {
  return (timestamps ? `${formatTimestampFixed(time)} ` : '') + details
}

/** Labels and variables that the log's options name, as `--details` shows them: `a=1,b=2 `. */
export function formatDetails(attributes: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(attributes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${queryEscape(name)}=${queryEscape(value)}`)
  return `${pairs.join(',')} `
}

/** As Go's url.QueryEscape. */
function queryEscape(text: string): string {
  const escaped = encodeURIComponent(text).replaceAll('%20', '+')
  return escaped.replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}
