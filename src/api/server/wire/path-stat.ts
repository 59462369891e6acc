import { formatTimestamp } from '../../../base/index.ts'
import type { PathStat } from '../../../containers/index.ts'

const TYPE_MASK = 0o170000
/** Go's bits for types, by those of stat(2). */
const TYPES: ReadonlyMap<number, number> = new Map([
  [0o040000, 2 ** 31],
  [0o120000, 2 ** 27],
  [0o060000, 2 ** 26],
  [0o020000, 2 ** 26 + 2 ** 21],
  [0o010000, 2 ** 25],
  [0o140000, 2 ** 24],
])
/** Go's bits for set-user-id, set-group-id and sticky. */
const SPECIAL = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
] as const

/** The header that describes a path. */
export function encodePathStat({ name, size, mode, mtime, linkTarget }: PathStat): string {
  const stat = { name, size, mode: goFileMode(mode), mtime: formatTimestamp(mtime), linkTarget }
  return Buffer.from(JSON.stringify(stat)).toString('base64')
}

/** The os.FileMode of Go for the mode that stat(2) gives. */
export function goFileMode(mode: number): number {
  const special = SPECIAL.filter(([bit]) => (mode & bit) !== 0).reduce((sum, [, bit]) => sum + bit, 0)
  return (mode & 0o777) + special + (TYPES.get(mode & TYPE_MASK) ?? 0)
}
