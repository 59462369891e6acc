import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { failure } from '../../base/index.ts'
import {
  type Descriptor,
  type Digest,
  digestFromHex,
  familiarName,
  formatReference,
  hexOf,
  type Manifest,
  MEDIA_TYPES,
  type Reference,
} from '../../oci/index.ts'
import { type Store, type TarEntry, type TarSource, writeTar } from '../../store/index.ts'
import { layoutPath } from './layout.ts'

/** An image to be written, with the tags it is to have in the archive. */
export interface SavedImage {
  /** Descriptor of the manifest as it lies in the store. */
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  /** One for each layer of the manifest. */
  readonly diffIds: readonly Digest[]
  readonly tags: readonly Reference[]
  /** Digest of the configuration of another image of the archive. */
  readonly parent?: Digest | undefined
}

/**
 * One tar that is docker-archive and OCI layout at once, as Docker 25 and later write it: every blob byte for byte, each
 * once. The same images give the same bytes. Nothing is read before the stream is; damaged content destroys it with
 * `corrupt`. `onEnd` is called when the last blob has gone through.
 */
export function writeArchive(
  images: readonly SavedImage[],
  { store, onEnd }: { store: Store; onEnd: () => void },
): Readable {
  async function* members(): AsyncGenerator<TarSource, void> {
    yield folder('blobs/')
    yield folder('blobs/sha256/')
    for (const content of contentsOf(images)) {
      yield { entry: file(layoutPath(content.digest), content.size), body: readVerified(store, content) }
    }
    yield document('index.json', JSON.stringify(layoutIndex(images)))
    yield document('manifest.json', `${JSON.stringify(images.map(dockerItem))}\n`)
    yield document('oci-layout', '{"imageLayoutVersion": "1.0.0"}')
    const repositories = legacyRepositories(images)
    if (Object.keys(repositories).length > 0) yield document('repositories', `${JSON.stringify(repositories)}\n`)
    onEnd()
  }
  return writeTar(members())
}

interface Content {
  readonly digest: Digest
  readonly size: number
}

function contentsOf(images: readonly SavedImage[]): readonly Content[] {
  const all = images.flatMap(({ descriptor, manifest }) => [descriptor, manifest.config, ...manifest.layers])
  const unique = new Map(all.map(({ digest, size }) => [digest, { digest, size }]))
  return [...unique.values()].toSorted((one, other) => (one.digest < other.digest ? -1 : 1))
}

async function* readVerified(store: Store, { digest }: Content): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256')
  for await (const bytes of store.blobs.open(digest) as AsyncIterable<Buffer>) {
    hash.update(bytes)
    yield bytes
  }
  const found = digestFromHex(hash.digest('hex'))
  if (found !== digest) throw failure('corrupt', `content ${digest} is damaged: its digest is ${found}`)
}

/** Docker's table of contents: paths of blobs where Docker before 25 had names of its own. */
function dockerItem({ manifest, diffIds, tags, parent }: SavedImage): object {
  const sources = diffIds.flatMap((diffId, at) => {
    const layer = manifest.layers[at]
    return layer ? [[diffId, { mediaType: layer.mediaType, size: layer.size, digest: layer.digest }] as const] : []
  })
  return {
    Config: layoutPath(manifest.config.digest),
    RepoTags: tags.length === 0 ? null : tags.map(familiarName),
    Layers: manifest.layers.map(({ digest }) => layoutPath(digest)),
    ...(parent !== undefined && { Parent: parent }),
    LayerSources: Object.fromEntries(sources),
  }
}

function layoutIndex(images: readonly SavedImage[]): object {
  return {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: images.flatMap(({ descriptor: { mediaType, digest, size }, tags }) => {
      const plain = { mediaType, digest, size }
      if (tags.length === 0) return [plain]
      return tags.map((tag) => ({
        ...plain,
        annotations: {
          'io.containerd.image.name': formatReference(tag),
          'org.opencontainers.image.ref.name': tag.tag ?? '',
        },
      }))
    }),
  }
}

/** What Docker before 1.10 read: repository, tag, and the topmost layer. */
function legacyRepositories(images: readonly SavedImage[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const repositories = new Map<string, Record<string, string>>()
  for (const { diffIds, tags } of images) {
    const top = diffIds.at(-1)
    for (const { familiar, tag } of top === undefined ? [] : tags) {
      repositories.set(familiar, { ...repositories.get(familiar), [tag ?? '']: hexOf(top as Digest) })
    }
  }
  return Object.fromEntries(repositories)
}

/** Owners and times would tell the machine and the moment; the same images shall give the same archive. */
const ANONYMOUS = { uid: 0, gid: 0, mtime: 0n }

function folder(name: string): TarSource {
  return { entry: { ...ANONYMOUS, name, type: 'directory', mode: 0o755, size: 0 } }
}

function file(name: string, size: number): TarEntry {
  return { ...ANONYMOUS, name, type: 'file', mode: 0o644, size }
}

function document(name: string, text: string): TarSource {
  const body = Buffer.from(text)
  return { entry: file(name, body.length), body }
}
