import { fstatSync } from 'node:fs'
import { posix } from 'node:path'
import { failure, hasCode } from '../../base/index.ts'
import type { PathStat } from '../archive.contract.ts'
import { followInRoot, openInRoot } from './in-root.ts'

/** What a path of a container is; a link in the last place is described itself. ENOENT when there is nothing. */
export function statInRoot(root: string, path: string): PathStat {
  using node = openInRoot(root, path)
  const stat = fstatSync(node.fd, { bigint: true })
  return {
    name: posix.basename(path) || '/',
    size: Number(stat.size),
    mode: Number(stat.mode),
    mtime: stat.mtimeNs,
    linkTarget: stat.isSymbolicLink() ? followInRoot(root, path) : '',
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
}

/** Says in Docker's words what is wrong with a path; what is not about the path is thrown as it is. */
export function naming<T>(
  { path, container }: { readonly path: string; readonly container: string },
  work: () => T,
): T {
  try {
    return work()
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) {
      throw failure('not-found', `Could not find the file ${path} in container ${container}`, { cause })
    }
    const found = Object.entries(WORDS).find(([code]) => hasCode(cause, code))
    if (!found) throw cause
    throw failure('internal', `lstat ${posix.join('/', path)}: ${found[1]}`, { cause })
  }
}
