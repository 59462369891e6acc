import { fstatSync } from 'node:fs'
import { posix } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type AbortOptions, failure } from '../../base/index.ts'
import { lookupUser } from '../../runtime/index.ts'
import type { ExtractOptions, PathStat } from '../archive.contract.ts'
import type { Entry } from '../catalog.ts'
import type { Household } from '../household.ts'
import type { ContainerRecord } from '../record.ts'
import { openInRoot, pathInRoot } from './in-root.ts'
import { naming, statInRoot } from './path-stat.ts'
import { openRootView } from './root-view.ts'

interface Request {
  readonly entry: Entry
  /** The container as the client called it. */
  readonly name: string
  readonly path: string
}

export async function statPath(household: Household, { entry, name, path }: Request): Promise<PathStat> {
  await using view = await openRootView(household, entry)
  return naming({ path, container: name }, () => statInRoot(view.path, posix.join('/', path)))
}

/** The archive of one file or folder. The container's root stays mounted until the stream is read or destroyed. */
export async function packPath(
  household: Household,
  { entry, name, path, signal }: Request & AbortOptions,
): Promise<{ readonly stat: PathStat; readonly content: Readable }> {
  const { store, announce, log } = household
  await using undo = new AsyncDisposableStack()
  const view = undo.use(await openRootView(household, entry))
  const wanted = absolute(path)
  const { stat, place } = naming({ path, container: name }, () => ({
    stat: statInRoot(view.path, wanted),
    place: placeOf(view.path, wanted),
  }))
  const packed = store.trees.pack(view.path, { path: place, name: memberName(wanted), ...(signal && { signal }) })
  const content = new PassThrough()
  const held = undo.move()
  void pipeline(packed, content)
    .catch(() => {})
    .then(() => held.disposeAsync())
    .catch((error: unknown) => log.warn({ container: entry.id, error }, 'a view of a container stays mounted'))
  announce('archive-path', entry)
  return { stat, content }
}

/** Unpacks an archive into a folder of a container. */
export async function unpackInto(
  household: Household,
  { entry, name, path, content, copyOwner, keepTypes, signal }: Request & ExtractOptions,
): Promise<void> {
  const { store, announce } = household
  await using view = await openRootView(household, entry)
  const target = naming({ path, container: name }, () => folderIn(view.path, posix.join('/', path)))
  assertWritable(entry.record, target)
  const { user } = entry.record.config
  const owner = copyOwner && user !== '' ? lookupUser(view.path, user, []) : undefined
  await store.trees.unpack(view.path, content, {
    path: target,
    keepTypes,
    ...(owner && { owner: { uid: owner.uid, gid: owner.gid } }),
    ...(signal && { signal }),
  })
  announce('extract-to-dir', entry)
}

/** The path without `..` and needless slashes; an end that demands a folder is kept. */
function absolute(path: string): string {
  const clean = posix.join('/', path)
  const isFolder = /(^|\/)\.$/.test(path)
  return isFolder && clean !== '/.' ? `${clean.replace(/\/$/, '')}/.` : clean
}

/** What the archive calls it: the last part as it was asked for. */
function memberName(path: string): string {
  return posix.basename(path) || '/'
}

/** The path free of links; a link in the last place stays itself. */
function placeOf(root: string, path: string): string {
  using node = openInRoot(root, path)
  if (fstatSync(node.fd).isDirectory()) return pathInRoot(root, node)
  using folder = openInRoot(root, posix.dirname(path), { follow: true })
  return posix.join(pathInRoot(root, folder), posix.basename(path))
}

function folderIn(root: string, path: string): string {
  using node = openInRoot(root, path, { follow: true })
  if (fstatSync(node.fd).isDirectory()) return pathInRoot(root, node)
  throw failure('invalid', 'extraction point is not a directory')
}

function assertWritable({ mounts, host }: ContainerRecord, path: string): void {
  const [mount] = mounts
    .filter(({ destination }) => path === destination || path.startsWith(`${destination.replace(/\/$/, '')}/`))
    .toSorted((one, other) => other.destination.length - one.destination.length)
  if (mount && !mount.readWrite) throw failure('forbidden', 'mounted volume is marked read-only')
  if (!mount && host.readonlyRootfs) throw failure('forbidden', 'container rootfs is marked read-only')
}
