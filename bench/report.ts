import type { Figure, Result, Unit } from './measurement.ts'

/** The peer that the targets are about. */
const OURS = 'slipwayd'

/** The page of results: facts of the machine, then a table with a line a quantity. */
export function renderReport({
  facts,
  peers,
  results,
}: {
  readonly facts: readonly string[]
  readonly peers: readonly string[]
  readonly results: readonly Result[]
}): string {
  const header = ['', ...peers, 'ratio', 'target']
  const rows = results.map((result) => [
    result.title,
    ...peers.map((name) => formatFigure(figureOf(result, name), result.unit)),
    formatRatio(ratioOf(result)),
    formatTarget(result),
  ])
  return [
    '# Results',
    '',
    'Made by `npm run bench` (see docs/benchmarks.md). Medians, with least and greatest value in parentheses; the ratio',
    'is the first column through the second. Rates (MiB/s) are better when greater, everything else when smaller.',
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
    row(header),
    row(header.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map(row),
    '',
  ].join('\n')
}

/** Lines for the terminal: what misses its target. */
export function missedTargets(results: readonly Result[]): readonly string[] {
  return results.filter((result) => meetsTarget(result) === false).map(({ title }) => title)
}

export function ratioOf({ figures }: Result): number | undefined {
  const [ours, theirs] = figures
  return ours && theirs && theirs.summary.median > 0 ? ours.summary.median / theirs.summary.median : undefined
}

function meetsTarget(result: Result): boolean | undefined {
  const { ratioTarget, valueTarget } = result
  const ratio = ratioOf(result)
  if (ratioTarget !== undefined) return ratio === undefined ? undefined : ratio <= ratioTarget
  const value = figureOf(result, OURS)?.summary.median
  return valueTarget === undefined || value === undefined ? undefined : value <= valueTarget
}

function formatTarget(result: Result): string {
  const { ratioTarget, valueTarget, unit } = result
  const mark = meetsTarget(result) === false ? ' (missed)' : ''
  if (ratioTarget !== undefined) return `≤ ${ratioTarget}${mark}`
  return valueTarget === undefined ? '' : `≤ ${valueTarget} ${unit}${mark}`
}

function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${ratio.toFixed(2)}`
}

function formatFigure(figure: Figure | undefined, unit: Unit): string {
  if (!figure) return '–'
  const { median, min, max, count } = figure.summary
  const spread = count > 1 ? ` (${formatNumber(min)}–${formatNumber(max)})` : ''
  return `${formatNumber(median)} ${unit}${spread}`
}

function formatNumber(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function figureOf({ figures }: Result, peer: string): Figure | undefined {
  return figures.find((figure) => figure.peer === peer)
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
