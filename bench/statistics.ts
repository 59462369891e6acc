export interface Summary {
  readonly count: number
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Median, least and greatest of one or more values. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new Error('no values to summarise')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return { count: sorted.length, median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}
