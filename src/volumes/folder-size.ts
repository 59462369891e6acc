import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../base/index.ts'

/**
 * How many bytes the files below a folder have, hard links counted once, as Docker counts. What vanishes meanwhile
 * counts for nothing.
 */
export async function folderSize(folder: string): Promise<number> {
  const seen = new Set<string>()

  async function visit(path: string): Promise<number> {
    let total = 0
    for await (const entry of await opendir(path)) {
      const inner = join(path, entry.name)
      total += await (entry.isDirectory() ? ignoringAbsence(() => visit(inner)) : ignoringAbsence(() => measure(inner)))
    }
    return total
  }

  async function measure(path: string): Promise<number> {
    const { size, nlink, dev, ino } = await lstat(path)
    if (nlink === 1) return size
    const inode = `${dev} ${ino}`
    if (seen.has(inode)) return 0
    seen.add(inode)
    return size
  }

  return ignoringAbsence(() => visit(folder))
}

async function ignoringAbsence(work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return 0
    throw error
  }
}
