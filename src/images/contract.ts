import type { Readable } from 'node:stream'
import type { AbortOptions, Timestamp } from '../base/index.ts'
import type { ChainId, Digest, HistoryEntry, ImageConfig, Platform } from '../oci/index.ts'
import type { Credentials } from '../registry/client/index.ts'

/** The digest of the image configuration: what Docker prints as the image id. */
export type ImageId = Digest & { readonly __image: true }

export interface Image {
  readonly id: ImageId
  readonly config: ImageConfig
  readonly chainId: ChainId | undefined
  /** The manifest that names config and layer blobs; kept so that save and push are byte exact. */
  readonly manifest: { readonly digest: Digest; readonly size: number; readonly mediaType: string }
  /** Familiar names with tag (`busybox:latest`), sorted. */
  readonly tags: readonly string[]
  /** Familiar names with digest (`busybox@sha256:…`), sorted: known from a pull or push. */
  readonly repoDigests: readonly string[]
  /** Sum of the layers' sizes in bytes. */
  readonly size: number
  readonly created: Timestamp
  readonly lastTagged: Timestamp | undefined
  /** Parent image by build or commit on this engine. */
  readonly parent: ImageId | undefined
}

export interface ImageFilter {
  readonly dangling?: boolean
  readonly labels?: readonly string[]
  readonly notLabels?: readonly string[]
  /** Image references or ids; images created before / since the named one. `not-found` when it does not exist. */
  readonly before?: readonly string[]
  readonly since?: readonly string[]
  /** Glob patterns over familiar names. */
  readonly references?: readonly string[]
  readonly until?: Timestamp
  /** Include intermediate images (`docker images -a`). */
  readonly all?: boolean
}

/** What happened to an image, announced after it is recorded. */
export interface ImageEvent {
  readonly action: 'tag' | 'untag' | 'delete' | 'import' | 'load' | 'save' | 'pull' | 'push' | 'create' | 'prune'
  /** Reference or id as Docker reports it as the actor's ID. */
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
}

/** One line of Docker's JSON progress stream. */
export interface Progress {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly progress?: string
  readonly aux?: unknown
}

export interface RemovedImage {
  readonly untagged?: string
  readonly deleted?: string
}

export interface ImportOptions extends AbortOptions {
  /** Reference to tag, or undefined. */
  readonly reference?: string
  readonly message?: string
  /** Dockerfile instructions (CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR, HEALTHCHECK). */
  readonly changes?: readonly string[]
  readonly platform?: Platform
}

export interface TransferOptions extends AbortOptions {
  readonly credentials?: Credentials | undefined
}

export interface Images {
  /** Finds by reference, id, id prefix (unique) or `name@digest`. `not-found`: `No such image: x`. */
  resolve(reference: string): Image
  get(id: ImageId): Image | undefined
  list(filter?: ImageFilter): readonly Image[]
  history(reference: string): readonly (HistoryEntry & {
    readonly id: string
    readonly size: number
    readonly tags: readonly string[]
    readonly createdAt: Timestamp
  })[]
  /** `invalid` for a bad reference. Moves the tag when another image has it (which may become dangling). */
  tag(source: string, target: string): void
  /**
   * Docker's rules: a tag of several is untagged only; the last one deletes the image and its unused parents; an id with
   * several tags needs `force`; one in use by a container is a `conflict` with Docker's text.
   */
  remove(
    reference: string,
    options?: { readonly force?: boolean; readonly prune?: boolean },
  ): Promise<readonly RemovedImage[]>
  prune(filter: {
    readonly dangling: boolean
    readonly until?: Timestamp
    readonly labels?: readonly string[]
    readonly notLabels?: readonly string[]
  }): Promise<{
    readonly removed: readonly RemovedImage[]
    /** Freed on disk: unpacked layers and blobs. */
    readonly bytes: number
  }>
  /** One tar (plain, gzip, zstd, xz or bzip2 refused by name when unsupported) becomes an image of one layer. */
  import(source: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<Image>
  /**
   * docker-archive or OCI layout, one or several images. Progress values are streamed as they happen. Leaving the
   * iteration early gives up the rest; images that were told as loaded stay. `not-found` when `platform` suits none.
   */
  load(
    source: AsyncIterable<Uint8Array>,
    options: { readonly quiet?: boolean; readonly platform?: Platform } & AbortOptions,
  ): AsyncIterable<Progress>
  /** One tar that is docker-archive and OCI layout at once. All names are resolved before the first byte. */
  save(references: readonly string[], options?: { readonly platform?: Platform } & AbortOptions): Readable
  /**
   * Brings an image out of its registry, with Docker's progress lines. A failure before the first line has Docker's kind
   * and text; one after it, or leaving the iteration early, leaves no image, only content that another pull goes on with.
   * `latest` unless the reference says more; with `allTags` every tag of the repository, one after the other.
   */
  pull(
    reference: string,
    options?: { readonly platform?: Platform | undefined; readonly allTags?: boolean } & TransferOptions,
  ): AsyncIterable<Progress>
  /** Sends the image behind a tag, or every tag of the repository when none is said, to its registry, byte for byte. */
  push(reference: string, options?: TransferOptions): AsyncIterable<Progress>
  /**
   * Records an image from a manifest whose blobs and layers are all present (commit, build, pull).
   * One transaction makes it appear. `reference` is tagged when given. Announces nothing: the operation does. A known
   * image keeps the manifest that it has, unless that is damaged. `not-found` when a blob or layer is missing.
   */
  register(image: {
    readonly manifest: Digest
    readonly mediaType: string
    readonly reference?: string
    readonly parent?: ImageId
    readonly repoDigest?: string
  }): Image
  /**
   * Makes and registers an image out of layers that are already in the layer store: writes config and manifest.
   * The config's rootfs is that of the layers, its history is filled up to their number. Announces `create` and `tag`.
   */
  compose(image: {
    readonly config: Omit<ImageConfig, 'rootfs'>
    readonly chainId: ChainId | undefined
    readonly reference?: string
    readonly parent?: ImageId
  }): Image
  /** Deletes content that no image, container or lease keeps. */
  collect(): Promise<number>
}

/** Who uses an image: given by the composition root, answered by containers. */
export interface ImageUsers {
  /** Containers made from the image, running first. */
  usersOf(id: ImageId): readonly { readonly id: string; readonly running: boolean }[]
}
