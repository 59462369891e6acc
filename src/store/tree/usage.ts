import { hasCode } from '../../base/index.ts'
import { lstatOrAbsent } from './lower-layers.ts'
import { listFolder } from './packer.ts'

/** Nodes looked at in one step. */
const STEP = 500

/** Sums the sizes of all that is no folder in the thread's root, each inode once, step by step. */
export function* measureContent(): Generator<void, number, void> {
  const waiting = ['/']
  const seen = new Set<string>()
  let bytes = 0n
  let count = 0
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const child of listFolder(folder)) {
      count += 1
      if (count % STEP === 0) yield
      const path = folder === '/' ? `/${child}` : `${folder}/${child}`
      const stat = statOrSkip(path)
      if (stat?.isDirectory()) waiting.push(path)
      else if (stat && isNew(stat)) bytes += stat.size
    }
  }
  return Number(bytes)

  function isNew({ dev, ino, nlink }: { dev: bigint; ino: bigint; nlink: bigint }): boolean {
    if (nlink < 2n) return true
    const key = `${dev}:${ino}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  }
}

/** What lies too deep to be named is not counted. */
function statOrSkip(path: string) {
  try {
    return lstatOrAbsent(path)
  } catch (error) {
    if (hasCode(error, 'ENAMETOOLONG')) return undefined
    throw error
  }
}
