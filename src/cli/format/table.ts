/** Columns stand three blanks apart and are ten wide at least, as in Docker's tables; the last one is not padded. */
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
        column === row.length - 1 ? cell : cell + ' '.repeat(Math.max((widths[column] ?? 0) + 3, 10) - width(cell)),
      )
      .join(''),
  )
  return lines.map((line) => `${line}\n`).join('')
}

function width(text: string): number {
  return Array.from(text).length
}
