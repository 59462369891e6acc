import { formatTable } from './format/table.ts'
import { compileTemplate } from './format/template.ts'

/** How one kind of object is listed: its columns by the names that `--format` knows. */
export interface ListingColumns {
  readonly [name: string]: string
}

/** One row: a value for every column name, plus whatever else templates may ask for. */
export type ListingRow = Readonly<Record<string, unknown>>

/**
 * Prints rows as a table with headings, as JSON lines (`json`), or by a Go template; `table …` gives a template
 * headings and lines it up.
 */
export function formatListing(
  rows: readonly ListingRow[],
  {
    columns,
    shown,
    format,
  }: { readonly columns: ListingColumns; readonly shown: readonly string[]; readonly format: string },
): string {
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  if (format !== '' && format !== 'table' && !format.startsWith('table ')) {
    const render = compileTemplate(withEscapes(format))
    return rows.map((row) => `${render(row)}\n`).join('')
  }
  if (format.startsWith('table ')) {
    const render = compileTemplate(withEscapes(format.slice('table '.length)))
    const lines = [columns, ...rows].map((row) => render(row).split('\t'))
    return formatTable(lines)
  }
  const heading = shown.map((name) => columns[name] ?? name)
  return formatTable([heading, ...rows.map((row) => shown.map((name) => String(row[name] ?? '')))])
}

/** `\t` and `\n` as people write them between quotes of the shell. */
function withEscapes(format: string): string {
  return format.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
}
