import type { Change } from '../../../store/index.ts'
import type { FilesystemChange } from '../../types/index.ts'

const KINDS = { modified: 0, added: 1, deleted: 2 } as const

/** As Docker sends a list that has nothing in it: null. */
export function encodeChanges(changes: readonly Change[]): readonly FilesystemChange[] | null {
  return changes.length === 0 ? null : changes.map(({ path, kind }) => ({ Path: path, Kind: KINDS[kind] }))
}
