import type { Progress } from './contract.ts'

/** One line about a piece of work of known size, with the bar that Docker's clients print as it is. */
export function progressLine({
  status,
  id,
  current,
  total,
}: {
  readonly status: string
  readonly id: string
  readonly current: number
  readonly total: number
}): Progress {
  return {
    status,
    progressDetail: { ...(current > 0 && { current }), ...(total > 0 && { total }) },
    ...(total > 0 && { progress: `${bar(current / total)} ${counts(current, total)}` }),
    id,
  }
}

function bar(share: number): string {
  const done = Math.min(50, Math.floor(share * 100 * 0.5))
  return `[${'='.repeat(done)}>${' '.repeat(50 - done)}]`
}

function counts(current: number, total: number): string {
  const now = formatSize(current).padStart(8)
  return current > total ? now : `${now}/${formatSize(total)}`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** Four significant digits in powers of 1000, as Go's units library writes it: `1.2kB`. */
function formatSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`
}
