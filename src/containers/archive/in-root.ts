import { constants, mkdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import { hasCode } from '../../base/index.ts'
import { closeFd, openBeneath } from '../../kernel/index.ts'

const O_PATH = 0o10000000
/** As many links as the kernel follows in one path. */
const MOST_LINKS = 40

export interface OpenNode extends Disposable {
  readonly fd: number
}

/**
 * Opens what a path names inside a root, as a process with that root would: no link and no `..` leads out. A link in the
 * last place is opened itself unless `follow` is set or the path ends with a slash. The descriptor names the node and
 * cannot be read. The caller disposes.
 */
export function openInRoot(
  root: string,
  path: string,
  { follow = false }: { readonly follow?: boolean } = {},
): OpenNode {
  const flags = O_PATH | (follow ? 0 : constants.O_NOFOLLOW)
  const fd = openBeneath(root, path.replace(/^\/+/, '') || '.', { flags, resolve: 'in-root' })
  return { fd, [Symbol.dispose]: () => closeFd(fd) }
}

/** The path of an open node as the root sees it, free of links. */
export function pathInRoot(root: string, { fd }: OpenNode): string {
  return readlinkSync(`/proc/self/fd/${fd}`).slice(root.length) || '/'
}

/** Follows all links of a path, the last one too, as far as there is something; what is missing is appended as it is. */
export function followInRoot(root: string, path: string): string {
  const waiting = partsOf(path).toReversed()
  let reached = '/'
  let links = 0
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const next = posix.resolve(reached, part)
    const target = part === '..' ? undefined : readLinkInRoot(root, { folder: reached, name: part })
    links += target === undefined ? 0 : 1
    if (target === undefined || links > MOST_LINKS) reached = next
    else {
      waiting.push(...partsOf(target).toReversed())
      if (target.startsWith('/')) reached = '/'
    }
  }
  return reached
}

/** Makes a place to mount on, with the folders above it, unless it is there. */
export function makeMountPoint(
  root: string,
  { path, type }: { readonly path: string; readonly type: 'file' | 'folder' },
) {
  const parts = partsOf(path)
  for (const [index, name] of parts.entries()) {
    const folder = parts.slice(0, index).join('/')
    if (exists(root, posix.join(folder, name))) continue
    using parent = openInRoot(root, folder, { follow: true })
    const place = `/proc/self/fd/${parent.fd}/${name}`
    if (type === 'folder' || index < parts.length - 1) mkdirSync(place, { mode: 0o755 })
    else writeFileSync(place, '', { flag: 'wx', mode: 0o644 })
  }
}

function exists(root: string, path: string): boolean {
  try {
    openInRoot(root, path, { follow: true })[Symbol.dispose]()
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** Undefined for what is no link, and for what is not there. */
function readLinkInRoot(
  root: string,
  { folder, name }: { readonly folder: string; readonly name: string },
): string | undefined {
  try {
    using parent = openInRoot(root, folder, { follow: true })
    return readlinkSync(`/proc/self/fd/${parent.fd}/${name}`)
  } catch (error) {
    if (hasCode(error, 'EINVAL', 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined
    throw error
  }
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
