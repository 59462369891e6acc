import { createHash } from 'node:crypto'
import { failure } from '../base/index.ts'

/** `sha256:` and 64 lower-case hex digits (OCI image-spec, descriptor.md). Made only by the functions here. */
export type Digest = string & { readonly __brand: 'Digest' }

/** The identity of a stack of unpacked layers (image-spec, config.md, "Layer ChainID"). */
export type ChainId = Digest & { readonly __chain: true }

const DIGEST = /^sha256:[0-9a-f]{64}$/

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text)
}

/** Reads a digest; `invalid` for anything but sha256 in canonical form. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw failure('invalid', `invalid digest ${JSON.stringify(text.slice(0, 200))}: want sha256:<64 hex digits>`)
}

export function digestOf(content: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest
}

/** Wraps the hex output of a finished sha256. */
export function digestFromHex(hex: string): Digest {
  return parseDigest(`sha256:${hex}`)
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

/** Chain id of a layer over `parent`: the diff id itself at the bottom, else the hash of both. */
export function chainIdOf(parent: ChainId | undefined, diffId: Digest): ChainId {
  return (parent === undefined ? diffId : digestOf(`${parent} ${diffId}`)) as ChainId
}

/** Chain ids of a whole stack, bottom first; one for each diff id. */
export function chainIdsOf(diffIds: readonly Digest[]): readonly ChainId[] {
  const chain: ChainId[] = []
  for (const diffId of diffIds) chain.push(chainIdOf(chain.at(-1), diffId))
  return chain
}
