/** Lines up columns three blanks apart, as Docker's tables stand; every line ends without blanks but the padded ones. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell))
    })
  }
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell) + 3),
      )
      .join(''),
  )
  return lines.map((line) => `${line}\n`).join('')
}

function width(text: string): number {
  return Array.from(text).length
}
