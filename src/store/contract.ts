import type { Readable } from 'node:stream'
import type { AbortOptions, Timestamp } from '../base/index.ts'
import type { ChainId, Digest } from '../oci/index.ts'

/**
 * Content by digest under `blobs/sha256/<hex>`. What is there is whole: it was hashed on the way in, synced and renamed.
 * A blob that nothing marks (manifest of an image, lease) is garbage.
 */
export interface Blobs {
  stat(digest: Digest): { readonly size: number } | undefined
  /** The caller consumes or destroys the stream. `not-found` when absent. */
  open(digest: Digest, range?: { readonly start: number; readonly end?: number }): Readable
  /** Absolute path of a present blob, for workers and servers that want a file. `not-found` when absent. */
  path(digest: Digest): string
  /** Whole content; refuses more than `limit` bytes (default 8 MiB) with `invalid`. Verifies the digest: `corrupt`. */
  read(digest: Digest, options?: { readonly limit?: number }): Buffer
  /** Small content such as manifests and configs. Idempotent; durable when it returns. */
  put(content: Uint8Array): { readonly digest: Digest; readonly size: number }
  /** Streams content in. `expected` makes a mismatch `corrupt` and nothing is kept. Idempotent. */
  ingest(
    source: AsyncIterable<Uint8Array>,
    expected?: { readonly digest?: Digest; readonly size?: number; readonly limit?: number } & AbortOptions,
  ): Promise<{ readonly digest: Digest; readonly size: number }>
  delete(digest: Digest): void
  list(): readonly Digest[]
}

export interface Layer {
  readonly chainId: ChainId
  readonly diffId: Digest
  readonly parent?: ChainId
  /** The blob this layer was unpacked from, as it lies in the content store (compressed or not). */
  readonly blob: { readonly digest: Digest; readonly size: number; readonly mediaType: string }
  /** Sum of the sizes of the regular files of this layer alone, in bytes: Docker's layer size. */
  readonly size: number
}

/** Unpacked layers, one folder for each chain id, read-only once committed and shared by all images and containers. */
export interface Layers {
  get(chainId: ChainId): Layer | undefined
  /** All layers from `chainId` down to the bottom, topmost first. `not-found` when one is missing. */
  chain(chainId: ChainId): readonly Layer[]
  /** Lower folders for an overlay mount, topmost first (short symlinked paths). Empty for undefined. */
  lowers(chainId: ChainId | undefined): readonly string[]
  /**
   * Unpacks a blob (tar, tar+gzip, tar+zstd) of the content store over `parent` in a chroot-confined worker, checking
   * the diff id when one is given (`corrupt` on mismatch). Idempotent; two callers for one chain share the work.
   * A hostile tar can never write outside; names that try are `invalid` and nothing stays.
   */
  unpack(
    blob: { readonly digest: Digest; readonly mediaType: string },
    options: { readonly parent?: ChainId; readonly diffId?: Digest } & AbortOptions,
  ): Promise<Layer>
  /**
   * Turns the upper folder of an overlay into a layer over `parent`: tar with whiteouts into the content store and the
   * folder's content into the layer store. Shared by commit and build. The upper folder is not changed.
   */
  fromUpper(upper: string, options: { readonly parent?: ChainId } & AbortOptions): Promise<Layer>
  /** Removes layers (and their folders) that no kept chain names. Returns the bytes freed. */
  sweep(keep: ReadonlySet<ChainId>): Promise<{ readonly removed: readonly ChainId[]; readonly bytes: number }>
}

/** The writable folders of one container or build step: `<root>/{upper,work,merged}`. */
export interface Snapshot {
  readonly key: string
  readonly parent?: ChainId
  readonly upper: string
  readonly merged: string
}

/** What a writable layer does to one path of the layers below. */
export interface Change {
  readonly kind: 'modified' | 'added' | 'deleted'
  /** From the root, with a slash. */
  readonly path: string
}

export interface Snapshots {
  /** Makes the folders and the record; idempotent for the same key and parent. The parent is kept alive by it. */
  create(key: string, parent: ChainId | undefined): Snapshot
  get(key: string): Snapshot | undefined
  /** Mounts the overlay on `merged` unless it is mounted already. `volatile` where the writable layer is thrown away. */
  mount(key: string, options?: { readonly volatile?: boolean }): string
  /** Off the event loop; absent mounts are fine. */
  unmount(key: string): Promise<void>
  /** Unmounts and deletes everything. Can be repeated after a failure. The upper is deleted before the unmount. */
  remove(key: string): Promise<void>
  list(): readonly Snapshot[]
  /**
   * How the writable layer differs from those below, folders before what is in them. Of a deleted folder its name alone.
   * `hidden` are paths to pass over, such as mount points.
   */
  changes(key: string, options?: { readonly hidden?: readonly string[] }): Promise<readonly Change[]>
  /** Bytes used by the writable layer alone. */
  usage(key: string): Promise<number>
}

/** Keeps content from the collector while an operation works with it (pull, load, build, import). */
export interface Leases {
  /** Everything ingested or unpacked from now until disposal is kept. Forgotten by a daemon restart. */
  hold(): Disposable
}

/** Archives for import, load, export, copy: streaming, byte exact, nothing on disk but what is asked for. */
export interface TarEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: Timestamp
  readonly linkName?: string
  readonly major?: number
  readonly minor?: number
  readonly xattrs?: ReadonlyMap<string, Buffer>
  readonly uname?: string
  readonly gname?: string
}

interface PackOptions extends AbortOptions {
  /** What to pack, seen from the root: parents may be links (followed inside the root), the last part is not followed. */
  readonly path?: string
  /** Name of `path` in the archive; '' (the default) packs a folder's content without the folder itself. */
  readonly name?: string
  /** Writes overlay whiteouts and opaque folders as `.wh.` members and leaves out what is overlayfs' own. Default false. */
  readonly whiteouts?: boolean
}

interface UnpackOptions extends AbortOptions {
  /** Existing folder to unpack into, seen from the root; links are followed inside the root. Default the root itself. */
  readonly path?: string
  /** Owner of everything unpacked instead of what the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** Refuses (`invalid`, Docker's text) to replace a folder by something else or the reverse. Default false. */
  readonly keepTypes?: boolean
}

/**
 * Work on whole folders, done in worker threads that see nothing but the folder: whatever links it holds, and whatever
 * changes them meanwhile, nothing outside is read, written or deleted. Slow streams hold up nobody else.
 */
export interface Trees {
  /** Tar of a folder or of one path in it. `not-found` when it is absent. The caller reads or destroys the stream. */
  pack(root: string, options?: PackOptions): Readable
  /**
   * Unpacks an archive, compressed with gzip or zstd or not at all, over what is there. `invalid` for a hostile or
   * damaged archive: what came before the bad member stays.
   */
  unpack(root: string, source: AsyncIterable<Uint8Array>, options?: UnpackOptions): Promise<void>
  /** Sum of the sizes of files and links, each inode once: what Docker reports as size. 0 when the folder is absent. */
  usage(root: string): Promise<number>
  /** Deletes a folder with everything in it. Absent is fine. Never crosses into something mounted below it: EBUSY. */
  remove(root: string): Promise<void>
}

export interface Store {
  readonly blobs: Blobs
  readonly layers: Layers
  readonly snapshots: Snapshots
  readonly leases: Leases
  readonly trees: Trees
  /**
   * Mark and sweep: deletes blobs that `roots` do not reach (manifest, index and config contents are followed) and
   * layers that neither `chains`, a snapshot nor a lease keeps. Does nothing while a lease is held.
   */
  collect(roots: {
    readonly blobs: ReadonlySet<Digest>
    readonly chains: ReadonlySet<ChainId>
  }): Promise<{ readonly bytes: number; readonly blobs: readonly Digest[]; readonly layers: readonly ChainId[] }>
  /** Ends the workers. Nothing may be under way. */
  close(): Promise<void>
}
