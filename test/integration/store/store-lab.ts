import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClock, createSilentLog, type Database, openDatabase } from '../../../src/base/index.ts'
import { listMounts, unmountSync } from '../../../src/kernel/index.ts'
import { type ChainId, MEDIA_TYPES } from '../../../src/oci/index.ts'
import {
  createStore,
  type Layer,
  type Store,
  type TarEntry,
  type TarSource,
  writeTar,
} from '../../../src/store/index.ts'
import { describeTree } from './tree-description.ts'

/** A store in a folder of its own, with something beside it that nobody may touch. */
export interface StoreLab extends AsyncDisposable {
  readonly path: string
  /** The data root. */
  readonly root: string
  /** A folder beside the data root, for escapes to land in. */
  readonly outside: string
  readonly store: Store
  readonly db: Database
  /** Closes the store and opens it again on the same data, as after a restart. */
  reopen(): Promise<Store>
  /** Puts an archive in the content store and unpacks it. */
  unpack(archive: AsyncIterable<Uint8Array>, parent?: ChainId): Promise<Layer>
  /** The folder of an unpacked layer. */
  folderOf(layer: Layer): string
  /** Everything around the store's own layers and blobs, to be compared before and after. */
  describeOutside(): string
}

/** The folder with everything in it, mounts too, is gone after disposal. */
export async function openStoreLab(): Promise<StoreLab> {
  const path = mkdtempSync(join(tmpdir(), 'slw-store-'))
  const root = join(path, 'data')
  const outside = join(path, 'outside')
  mkdirSync(root)
  mkdirSync(join(outside, 'folder'), { recursive: true })
  writeFileSync(join(outside, 'canary'), 'untouched', { mode: 0o640 })
  writeFileSync(join(outside, 'folder/canary'), 'untouched')
  let db = openDatabase(join(root, 'slipway.db'))
  let store = await open()

  function open(): Promise<Store> {
    return createStore({ root, tmp: join(root, 'tmp'), db, clock: createClock(), log: createSilentLog() })
  }

  async function close(): Promise<void> {
    await store.close()
    db.close()
  }

  return {
    path,
    root,
    outside,
    get store() {
      return store
    },
    get db() {
      return db
    },
    async reopen() {
      await close()
      db = openDatabase(join(root, 'slipway.db'))
      store = await open()
      return store
    },
    async unpack(archive, parent) {
      const { digest } = await store.blobs.ingest(archive)
      return store.layers.unpack({ digest, mediaType: MEDIA_TYPES.ociLayer }, { parent })
    },
    folderOf: (layer) => join(root, 'layers', layer.chainId.slice('sha256:'.length), 'diff'),
    describeOutside: () =>
      [describeTree(outside), readdirSync(path), readdirSync(root), leftovers(root)].flat().join('\n'),
    async [Symbol.asyncDispose]() {
      await close()
      for (const { target } of listMounts().toReversed()) if (target.startsWith(`${path}/`)) unmountSync(target)
      rmSync(path, { recursive: true })
    },
  }
}

/** What the store may not leave lying around. */
export function leftovers(root: string): readonly string[] {
  return ['tmp', 'containers'].flatMap((name) =>
    existsSync(join(root, name)) ? readdirSync(join(root, name)).map((child) => `${name}/${child}`) : [],
  )
}

const TIME = 1_700_000_000_000_000_000n

/** A member of an archive; content makes it a file. */
export function member(
  name: string,
  { content, ...more }: Partial<TarEntry> & { readonly content?: string | Uint8Array } = {},
): TarSource {
  const body = content === undefined ? undefined : Buffer.from(content as string)
  const isFolder = name.endsWith('/')
  return {
    entry: {
      name,
      type: isFolder ? 'directory' : 'file',
      mode: isFolder ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      size: body?.length ?? 0,
      mtime: TIME,
      ...more,
    },
    ...(body && { body }),
  }
}

export function symlink(name: string, linkName: string): TarSource {
  return member(name, { type: 'symlink', linkName, mode: 0o777 })
}

export function hardlink(name: string, linkName: string): TarSource {
  return member(name, { type: 'hardlink', linkName })
}

export function archive(...members: readonly TarSource[]): AsyncIterable<Buffer> {
  return writeTar(members) as AsyncIterable<Buffer>
}
