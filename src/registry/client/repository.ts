import { type AbortOptions, failure } from '../../base/index.ts'
import {
  type Digest,
  digestOf,
  isDigest,
  isIndexType,
  isManifestType,
  MANIFEST_LIMIT,
  MEDIA_TYPES,
  type Reference,
} from '../../oci/index.ts'
import type { RemoteManifest, Repository } from './contract.ts'
import { download } from './download.ts'
import { refusal } from './registry-error.ts'
import type { Session } from './session.ts'
import { discardBody, type Incoming, readBody } from './transport.ts'
import { upload } from './upload.ts'

const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/
const ACCEPT = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
].join(', ')

const PAGE_LIMIT = 4 << 20
const TAG_LIMIT = 100_000

export function createRepository(
  session: Session,
  { reference, access }: { readonly reference: Reference; readonly access: 'pull' | 'push' },
): Repository {
  const base = `/v2/${reference.path}`

  function refuse(response: Incoming, { method, target }: { method: string; target?: string }): Promise<Error> {
    const named = target === undefined ? reference : withTarget(reference, target)
    return refusal(response, { method, reference: named, access })
  }

  async function resolve(target: string, { signal }: AbortOptions = {}): ReturnType<Repository['resolve']> {
    const path = `${base}/manifests/${target}`
    const response = await session.send({ method: 'HEAD', target: path, headers: { accept: ACCEPT }, signal })
    discardBody(response)
    const digest = String(response.headers['docker-content-digest'] ?? '')
    const mediaType = typeOf(response)
    const size = Number(response.headers['content-length'] ?? Number.NaN)
    const isTold = response.status === 200 && isDigest(digest) && (isManifestType(mediaType) || isIndexType(mediaType))
    if (isTold && Number.isSafeInteger(size)) return { digest, mediaType, size }
    // An answer to HEAD has no body that could say what is wrong.
    const found = await manifest(target, { signal })
    return { ...found, size: found.bytes.length }
  }

  async function manifest(target: string, { signal }: AbortOptions = {}): Promise<RemoteManifest> {
    const path = `${base}/manifests/${target}`
    const response = await session.send({ method: 'GET', target: path, headers: { accept: ACCEPT }, signal })
    if (response.status !== 200) throw await refuse(response, { method: 'GET', target })
    const bytes = await readBody(response, MANIFEST_LIMIT)
    const digest = digestOf(bytes)
    const wanted = isDigest(target) ? target : response.headers['docker-content-digest']
    if (wanted !== undefined && wanted !== digest) {
      throw failure('corrupt', `manifest verification failed for digest ${wanted}: the content has ${digest}`)
    }
    return { mediaType: checkType(typeOf(response), bytes), digest, bytes }
  }

  async function tags({ signal }: AbortOptions = {}): Promise<readonly string[]> {
    const found: string[] = []
    let next: string | URL | undefined = `${base}/tags/list`
    while (next !== undefined) {
      const response: Incoming = await session.send({ method: 'GET', target: next, signal })
      if (response.status !== 200) throw await refuse(response, { method: 'GET' })
      const page = readTags(await readBody(response, PAGE_LIMIT))
      found.push(...page)
      if (found.length > TAG_LIMIT) throw failure('invalid', `${reference.familiar} has more than ${TAG_LIMIT} tags`)
      next = page.length > 0 ? nextPage(response) : undefined
    }
    return found
  }

  async function hasBlob(digest: Digest, { signal }: AbortOptions = {}): Promise<boolean> {
    const response = await session.send({ method: 'HEAD', target: `${base}/blobs/${digest}`, signal })
    discardBody(response)
    if (response.status === 200) return true
    if (response.status === 404) return false
    throw await refuse(response, { method: 'HEAD' })
  }

  const pushManifest: Repository['pushManifest'] = async (target, { mediaType, bytes, signal }) => {
    const response = await session.send({
      method: 'PUT',
      target: `${base}/manifests/${target}`,
      headers: { 'content-type': mediaType },
      body: bytes,
      signal,
    })
    if (response.status !== 201 && response.status !== 200) throw await refuse(response, { method: 'PUT' })
    discardBody(response)
    const told = response.headers['docker-content-digest']
    if (told !== undefined && told !== digestOf(bytes)) {
      throw failure('corrupt', `the registry has stored the manifest as ${told}, sent was ${digestOf(bytes)}`)
    }
  }

  return {
    resolve,
    manifest,
    tags,
    blob: ({ digest, size }, { signal } = {}) =>
      download(session, { target: `${base}/blobs/${digest}`, size, refuse: (...args) => refuse(...args), signal }),
    hasBlob,
    pushBlob: (blob, options = {}) => upload(session, { blob, base, ...options }),
    pushManifest,
  }
}

function withTarget({ tag: _tag, digest: _digest, ...name }: Reference, target: string): Reference {
  return isDigest(target) ? { ...name, digest: target } : { ...name, tag: target }
}

function typeOf({ headers }: Incoming): string {
  return headers['content-type']?.split(';', 1)[0]?.trim() ?? ''
}

/** What the content says of itself counts when the server says nothing of use. */
function checkType(told: string, bytes: Buffer): string {
  const type = isManifestType(told) || isIndexType(told) || SCHEMA1.test(told) ? told : ownType(bytes)
  if (isManifestType(type) || isIndexType(type)) return type
  if (SCHEMA1.test(type)) {
    throw failure('invalid', `manifest schema 1 (${type}) is not supported: push the image again with a newer client`)
  }
  throw failure('invalid', `unsupported manifest media type: ${JSON.stringify((type || told).slice(0, 256))}`)
}

function ownType(bytes: Buffer): string {
  try {
    const { mediaType, schemaVersion } = JSON.parse(bytes.toString()) as {
      mediaType?: unknown
      schemaVersion?: unknown
    }
    if (schemaVersion === 1) return 'application/vnd.docker.distribution.manifest.v1+json'
    return typeof mediaType === 'string' ? mediaType : ''
  } catch {
    return ''
  }
}

function readTags(body: Buffer): readonly string[] {
  try {
    const { tags } = JSON.parse(body.toString()) as { tags?: unknown }
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : []
  } catch (cause) {
    throw failure('invalid', 'the registry’s list of tags is not JSON', { cause })
  }
}

/** RFC 8288's `Link: <…>; rel="next"`, on the same server only. */
function nextPage({ headers, url }: Incoming): URL | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers.link ?? ''))?.[1]
  const next = link !== undefined && URL.canParse(link, url.href) ? new URL(link, url.href) : undefined
  return next?.origin === url.origin ? next : undefined
}
