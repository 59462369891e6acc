import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ChainId, type Digest, hexOf } from '../oci/index.ts'

/** Where everything of the store lies under the data root. */
export interface StorePaths {
  readonly blobs: string
  readonly layers: string
  /** Short links to the layers' folders, because mount options are limited in length. */
  readonly links: string
  readonly snapshots: string
  /** The lower folder of a stack without layers. */
  readonly empty: string
  blob(digest: Digest): string
  layer(chainId: ChainId): string
  snapshot(key: string): string
  /** A name in tmp that nobody uses. On the same filesystem as the rest, so that it can be renamed into place. */
  aside(): string
}

/** Makes the folders that are missing. */
export function createStorePaths({ root, tmp }: { readonly root: string; readonly tmp: string }): StorePaths {
  const paths = {
    blobs: join(root, 'blobs/sha256'),
    layers: join(root, 'layers'),
    links: join(root, 'l'),
    snapshots: join(root, 'containers'),
    empty: join(root, 'layers/empty'),
  }
  for (const path of [...Object.values(paths), tmp]) mkdirSync(path, { recursive: true, mode: 0o711 })
  return {
    ...paths,
    blob: (digest) => join(paths.blobs, hexOf(digest)),
    layer: (chainId) => join(paths.layers, hexOf(chainId)),
    snapshot: (key) => join(paths.snapshots, key),
    aside: () => join(tmp, randomBytes(12).toString('hex')),
  }
}
