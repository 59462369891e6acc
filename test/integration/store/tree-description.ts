import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { getXattr, listXattrs } from '../../../src/kernel/index.ts'

/**
 * One line for each node of a tree, with all that matters of it: type, mode, owner, size, time, content, link, device,
 * attributes and which names are one inode. Equal trees give equal lines.
 */
export function describeTree(root: string, { times = true }: { readonly times?: boolean } = {}): readonly string[] {
  const inodes = new Map<bigint, string>()
  const lines: string[] = []

  function visit(path: Buffer, name: string): void {
    const stat = lstatSync(path, { bigint: true })
    const text = path.toString()
    const facts: unknown[] = [name, stat.mode.toString(8), stat.uid, stat.gid]
    if (times) facts.push(stat.mtimeNs)
    if (stat.isFile()) facts.push(stat.size, createHash('sha256').update(readFileSync(path)).digest('hex'))
    if (stat.isSymbolicLink()) facts.push(readlinkSync(path, 'buffer').toString('latin1'))
    if (stat.isCharacterDevice() || stat.isBlockDevice()) facts.push(stat.rdev)
    if (!stat.isDirectory() && stat.nlink > 1n) {
      facts.push(stat.nlink, inodes.get(stat.ino) ?? 'first')
      if (!inodes.has(stat.ino)) inodes.set(stat.ino, name)
    }
    if (Buffer.from(text).equals(path)) {
      for (const key of [...listXattrs(text)].sort()) facts.push(key, getXattr(text, key)?.toString('hex'))
    }
    lines.push(facts.join(' '))
    if (stat.isDirectory()) {
      const children = readdirSync(path, 'buffer').sort(Buffer.compare)
      for (const child of children)
        visit(Buffer.concat([path, Buffer.from('/'), child]), `${name}/${child.toString('latin1')}`)
    }
  }
  visit(Buffer.from(root), '.')
  return lines
}
