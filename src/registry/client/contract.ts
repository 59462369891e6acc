import type { AbortOptions } from '../../base/index.ts'
import type { Digest, Reference } from '../../oci/index.ts'

/** What a person gave to be let in. Never logged, never part of an error, never sent to another host. */
export interface Credentials {
  readonly username?: string
  readonly password?: string
  /** A refresh token from an earlier login; stands for name and password. */
  readonly identityToken?: string
  /** A bearer token to be sent as it is. */
  readonly registryToken?: string
}

export interface RegistrySettings {
  /** Hosts (`host[:port]`) and networks (`10.0.0.0/8`) whose certificates are not checked and that may speak plain HTTP. */
  readonly insecure: readonly string[]
  /** Base addresses that are asked before Docker Hub; pulls only. */
  readonly mirrors: readonly string[]
}

export interface RemoteManifest {
  readonly mediaType: string
  readonly digest: Digest
  readonly bytes: Buffer
}

/** Content that can be read from any byte on, as often as an upload has to begin again. */
export interface BlobSource {
  readonly digest: Digest
  readonly size: number
  readonly open: (start: number) => AsyncIterable<Uint8Array>
}

/** One repository of one registry, with the access that it was opened for. Needs no closing. */
export interface Repository {
  /** Digest and type behind a tag or digest, without its content. `not-found` with Docker's text. */
  resolve(
    target: string,
    options?: AbortOptions,
  ): Promise<{ readonly digest: Digest; readonly mediaType: string; readonly size: number }>
  /** Manifest or index behind a tag or digest, verified. `not-found` with Docker's text; schema 1 is `invalid`. */
  manifest(target: string, options?: AbortOptions): Promise<RemoteManifest>
  /** All tags, in the registry's order. */
  tags(options?: AbortOptions): Promise<readonly string[]>
  /**
   * The bytes of a blob, as many as were announced at most; a cut connection is taken up again where it was cut.
   * They are not verified: whoever stores them does that.
   */
  blob(blob: { readonly digest: Digest; readonly size: number }, options?: AbortOptions): AsyncGenerator<Uint8Array>
  hasBlob(digest: Digest, options?: AbortOptions): Promise<boolean>
  /** Makes the blob part of the repository, taken from another repository of the registry when it lies there. */
  pushBlob(
    blob: BlobSource,
    options?: {
      readonly mountFrom?: string | undefined
      /** Bytes that the registry has so far; may fall back when an upload begins again. */
      readonly onProgress?: (sent: number) => void
    } & AbortOptions,
  ): Promise<'mounted' | 'pushed'>
  pushManifest(
    target: string,
    options: { readonly mediaType: string; readonly bytes: Uint8Array } & AbortOptions,
  ): Promise<void>
}

export interface RegistryClient {
  /**
   * Finds out where and how the registry answers. `unavailable` with Go's network texts when nobody does. Pulls ask
   * mirrors first.
   */
  open(
    reference: Reference,
    options: { readonly access: 'pull' | 'push'; readonly credentials?: Credentials | undefined } & AbortOptions,
  ): Promise<Repository>
  /** `unauthenticated` when the registry does not accept them. Gives the refresh token that it offers. */
  login(
    server: string,
    options: { readonly credentials: Credentials } & AbortOptions,
  ): Promise<{ readonly identityToken: string | undefined }>
}
