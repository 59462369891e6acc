import { failure, flag } from '../base/index.ts'

/** The `--filter` flag of listings. */
export const FILTER = flag.list('Keep what matches a condition (NAME=VALUE)', { short: 'f', type: 'filter' })

/** Turns `name=value` conditions into the query that the API takes; undefined without any. */
export function encodeFilters(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined
  const filters: Record<string, string[]> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 0)
      throw failure(
        'invalid',
        `invalid argument ${JSON.stringify(text)} for "-f, --filter" flag: invalid filter '${text}'`,
      )
    const name = text.slice(0, at).trim().toLowerCase()
    filters[name] ??= []
    filters[name].push(text.slice(at + 1).trim())
  }
  return JSON.stringify(filters)
}
