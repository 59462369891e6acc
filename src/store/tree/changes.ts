import { type BigIntStats, readdirSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { getXattr } from '../../kernel/index.ts'
import type { Change } from '../contract.ts'
import { decodeName, hostPath } from '../tar/name.ts'
import { findInLowers, isOpaqueFolder, isWhiteout, type LowerNode, lstatOrAbsent } from './lower-layers.ts'
import { listFolder } from './packer.ts'

export interface ChangesOptions {
  readonly lowers: readonly string[]
  /** Members that are none of the container's doing, with everything in them. */
  readonly hidden: ReadonlySet<string>
  /** Runs work with the view of the host. */
  readonly outside: <T>(work: () => T) => T
}

/** Whether a folder has anything in it that counts. */
type Content = 'nothing' | 'hidden' | 'changes'

const CAPABILITY = 'security.capability'
const SECOND = 1_000_000_000n

/**
 * Compares the upper folder of an overlay, the thread's root, with the layers below it, step by step. What has been copied
 * up and is as it was is no change; a folder that something changed in is one.
 */
export function* findChanges({ lowers, hidden, outside }: ChangesOptions): Generator<void, readonly Change[], void> {
  const changes: Change[] = []
  yield* compareFolder('', true)
  return changes

  function* compareFolder(folder: string, inLower: boolean): Generator<void, Content, void> {
    let content: Content = 'nothing'
    const names = new Set(listFolder(`/${folder}`))
    for (const name of names) {
      const found = yield* compareNode(folder === '' ? name : `${folder}/${name}`, inLower)
      if (content === 'nothing' || found === 'changes') content = found
    }
    for (const name of inLower && folder !== '' && isOpaqueFolder(`/${folder}`) ? listLowers(folder) : []) {
      if (names.has(name) || hidden.has(`${folder}/${name}`)) continue
      changes.push({ kind: 'deleted', path: `/${folder}/${name}` })
      content = 'changes'
    }
    return content
  }

  function* compareNode(member: string, inLower: boolean): Generator<void, Content, void> {
    if (hidden.has(member)) return 'hidden'
    yield
    const path = `/${member}`
    const stat = lstatOrAbsent(path)
    if (!stat) return 'nothing'
    const below = inLower ? outside(() => findInLowers(lowers, member)) : undefined
    if (isWhiteout(stat)) {
      if (below) changes.push({ kind: 'deleted', path })
      return below ? 'changes' : 'nothing'
    }
    const place = changes.length
    const content = stat.isDirectory() ? yield* compareFolder(member, below?.stat.isDirectory() ?? false) : 'nothing'
    const isChanged = below ? content === 'changes' || isDifferent(path, { stat, below }) : content !== 'hidden'
    if (isChanged) changes.splice(place, 0, { kind: below ? 'modified' : 'added', path })
    return isChanged ? 'changes' : content
  }

  /** What the layers below show in a folder. */
  function listLowers(folder: string): readonly string[] {
    return outside(() => {
      const names = new Set(lowers.flatMap((lower) => readNames(`${lower}/${folder}`)))
      return Array.from(names).filter((name) => findInLowers(lowers, `${folder}/${name}`))
    })
  }

  function isDifferent(
    path: string,
    { stat, below }: { readonly stat: BigIntStats; readonly below: LowerNode },
  ): boolean {
    const fields = ['mode', 'uid', 'gid', 'rdev'] as const
    if (fields.some((field) => stat[field] !== below.stat[field])) return true
    if (stat.isDirectory()) return false
    if (stat.size !== below.stat.size || !isSameTime(stat.mtimeNs, below.stat.mtimeNs)) return true
    return stat.isFile() && capabilityOf(path) !== outside(() => capabilityOf(below.path))
  }
}

/** Archives may have lost the fractions of a second. */
function isSameTime(one: bigint, other: bigint): boolean {
  return one === other || (one / SECOND === other / SECOND && (one % SECOND === 0n || other % SECOND === 0n))
}

function capabilityOf(path: string): string | undefined {
  return path.isWellFormed() ? getXattr(path, CAPABILITY)?.toString('latin1') : undefined
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(hostPath(folder), 'buffer').map(decodeName)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
