import { mkdirSync, mkdtempSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../base/index.ts'
import { bindMount, listMounts, MS, mount, unmount, unmountSync } from '../../kernel/index.ts'
import type { RuntimeMount } from '../../oci/index.ts'
import type { Entry } from '../catalog.ts'
import { folderOf, type Household } from '../household.ts'
import { runtimeMounts } from '../request/runtime-mounts.ts'
import { holdRoot } from '../root-holds.ts'
import { makeMountPoint, openInRoot } from './in-root.ts'

/** The files of a container as its processes see them, in a folder of the host. */
export interface RootView extends AsyncDisposable {
  readonly path: string
}

/**
 * Mounts the root of a container, running or not, with its volumes, binds and the engine's own files in their places; what
 * is read-only in the container is so here. There is no /proc in it, whose links could lead out of it, and nothing that
 * lives in the memory of a running container. The caller disposes.
 */
export async function openRootView(household: Household, entry: Entry): Promise<RootView> {
  await using undo = new AsyncDisposableStack()
  const root = undo.use(await holdRoot(household, entry))
  const views = viewsOf(household)
  mkdirSync(views, { recursive: true, mode: 0o700 })
  undo.defer(() => removeIfEmpty(views))
  const folder = mkdtempSync(join(views, `${entry.id.slice(0, 12)}-`))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const view = join(folder, 'root')
  mkdirSync(view)
  bindMount({ source: root.path, target: view, propagation: 'private' })
  undo.defer(() => unmount(view, { detach: true }))
  for (const wanted of mountsOf(household, entry)) mountInView(folder, { view, wanted })
  const held = undo.move()
  return { path: view, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

/** Takes away what a daemon that died has left. */
export async function removeRootViews(household: Pick<Household, 'execRoot'>): Promise<void> {
  const views = viewsOf(household)
  const left = listMounts().filter(({ target }) => target.startsWith(`${views}/`))
  for (const { target } of left.toReversed()) await unmount(target, { detach: true })
  await rm(views, { recursive: true, force: true })
}

function viewsOf({ execRoot }: Pick<Household, 'execRoot'>): string {
  return join(execRoot, 'views')
}

function mountsOf(household: Household, { id, record }: Entry): readonly RuntimeMount[] {
  const folder = folderOf(household, id)
  const files = {
    hosts: join(folder, 'hosts'),
    hostname: join(folder, 'hostname'),
    resolvConf: join(folder, 'resolv.conf'),
  }
  return runtimeMounts({ ...record, host: { ...record.host, init: false } }, files).filter(
    ({ type }) => type === 'bind',
  )
}

/**
 * Leaves out what has no source yet: the engine's files before the first start. The mount is made private and read-only
 * aside, because a container that runs may change what the path leads to at any moment.
 */
function mountInView(folder: string, { view, wanted }: { readonly view: string; readonly wanted: RuntimeMount }): void {
  const { source = '', destination, options = [] } = wanted
  const found = statSync(source, { throwIfNoEntry: false })
  if (!found) return
  const type = found.isDirectory() ? 'folder' : 'file'
  makeMountPoint(view, { path: destination, type })
  using place = openInRoot(view, destination, { follow: true })
  const aside = join(folder, type)
  if (type === 'folder') mkdirSync(aside, { recursive: true })
  else writeFileSync(aside, '')
  const recursive = options.includes('rbind')
  const readonly = options.includes('ro') || options.includes('rro')
  bindMount({ source, target: aside, recursive, readonly, propagation: 'rprivate' })
  try {
    mount({ source: aside, target: `/proc/self/fd/${place.fd}`, flags: MS.bind | MS.recursive })
  } finally {
    unmountSync(aside, { detach: true })
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY')) throw error
  }
}
