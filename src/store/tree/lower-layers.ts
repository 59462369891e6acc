import { type BigIntStats, lstatSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { getXattr } from '../../kernel/index.ts'
import { hostPath } from '../tar/name.ts'

/** A file or folder as the layers below show it. */
export interface LowerNode {
  /** Absolute path on the host. */
  readonly path: string
  readonly stat: BigIntStats
}

export const OPAQUE = 'trusted.overlay.opaque'

/**
 * Finds a member in the layers below, topmost first, minding whiteouts and opaque folders; undefined when they do not
 * show it, or only behind a link. Layers never change, so the path found stays what it is.
 */
export function findInLowers(lowers: readonly string[], member: string): LowerNode | undefined {
  for (const lower of lowers) {
    const found = findInLayer(lower, member)
    if (found === 'hidden') return undefined
    if (found !== 'absent') return found
  }
  return undefined
}

function findInLayer(lower: string, member: string): LowerNode | 'absent' | 'hidden' {
  let path = lower
  let isOpaque = false
  const parts = member.split('/')
  for (const [index, part] of parts.entries()) {
    path = `${path}/${part}`
    const stat = lstatOrAbsent(path)
    if (stat === undefined) return isOpaque ? 'hidden' : 'absent'
    if (isWhiteout(stat)) return 'hidden'
    if (index === parts.length - 1) return { path, stat }
    if (!stat.isDirectory()) return 'hidden'
    isOpaque ||= isOpaqueFolder(path)
  }
  return 'absent'
}

export function isWhiteout(stat: BigIntStats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0n
}

export function isOpaqueFolder(path: string): boolean {
  return getXattr(path, OPAQUE)?.toString('latin1') === 'y'
}

export function lstatOrAbsent(path: string): BigIntStats | undefined {
  try {
    return lstatSync(hostPath(path), { bigint: true })
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}
