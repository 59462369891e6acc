import { type AbortOptions, failure, isKind } from '../../base/index.ts'
import type { BlobSource } from './contract.ts'
import { refusal } from './registry-error.ts'
import type { Session } from './session.ts'
import { discardBody, type Incoming } from './transport.ts'

const ATTEMPTS = 6
const OCTETS = { 'content-type': 'application/octet-stream' }

interface UploadOptions extends AbortOptions {
  /** `/v2/library/busybox` */
  readonly base: string
  readonly mountFrom?: string | undefined
  readonly onProgress?: ((sent: number) => void) | undefined
}

/**
 * Sends a blob in one stream. When the connection breaks, the registry is asked how much it has, and gets the rest; an
 * upload that it has forgotten begins again.
 */
export async function upload(
  session: Session,
  { blob, base, mountFrom, onProgress, signal }: UploadOptions & { readonly blob: BlobSource },
): Promise<'mounted' | 'pushed'> {
  let place = await begin(session, { digest: blob.digest, base, mountFrom, signal })
  if (place === 'mounted') return 'mounted'
  for (let attempt = 1; ; attempt += 1) {
    try {
      const end = await sendRest(session, { blob, place, onProgress, signal })
      await finish(session, { end, digest: blob.digest, signal })
      return 'pushed'
    } catch (error) {
      const mayPass = isKind(error, 'unavailable') || isKind(error, 'timeout') || isKind(error, 'not-found')
      if (!mayPass || attempt >= ATTEMPTS) throw error
      await session.pause(attempt, { signal })
      place = (await ask(session, { place, signal })) ?? (await restart(session, { digest: blob.digest, base, signal }))
    }
  }
}

/** Where an upload goes on. */
interface Place {
  readonly location: URL
  readonly offset: number
}

async function begin(
  session: Session,
  { digest, base, mountFrom, signal }: UploadOptions & { readonly digest: string },
): Promise<Place | 'mounted'> {
  const mount = mountFrom === undefined ? '' : `?${new URLSearchParams({ mount: digest, from: mountFrom })}`
  const response = await session.send({ method: 'POST', target: `${base}/blobs/uploads/${mount}`, signal })
  if (response.status === 201 && mountFrom !== undefined) {
    discardBody(response)
    return 'mounted'
  }
  if (response.status !== 202) throw await refusal(response, { method: 'POST' })
  discardBody(response)
  return { location: locationOf(session, response), offset: 0 }
}

async function restart(session: Session, options: UploadOptions & { readonly digest: string }): Promise<Place> {
  const place = await begin(session, options)
  if (place !== 'mounted') return place
  throw failure('invalid', 'the registry answers that a blob is mounted, which was not asked for')
}

/** How much of the upload the registry has; undefined when it knows nothing of it. */
async function ask(
  session: Session,
  { place, signal }: { readonly place: Place } & AbortOptions,
): Promise<Place | undefined> {
  const response = await session.send({ method: 'GET', target: place.location, signal })
  discardBody(response)
  const last = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.range ?? '')?.[1]
  if (response.status !== 204 || last === undefined) return undefined
  // Nothing at all is told as 0-0, and so is a single byte: beginning again is right for both.
  if (last === '0') return undefined
  return { location: locationOf(session, response), offset: Number(last) + 1 }
}

async function sendRest(
  session: Session,
  {
    blob,
    place,
    onProgress,
    signal,
  }: { blob: BlobSource; place: Place; onProgress: UploadOptions['onProgress'] } & AbortOptions,
): Promise<URL> {
  const { location, offset } = place
  const size = blob.size - offset
  if (size < 0) throw failure('not-found', 'the registry has more of an upload than was sent')
  if (size === 0) return location
  async function* body(): AsyncGenerator<Uint8Array> {
    let sent = offset
    for await (const bytes of blob.open(offset)) {
      yield bytes
      sent += bytes.length
      onProgress?.(sent)
    }
  }
  const response = await session.send({
    method: 'PATCH',
    target: location,
    headers: { ...OCTETS, ...(offset > 0 && { 'content-range': `${offset}-${blob.size - 1}` }) },
    body: { size, open: body },
    attempts: 1,
    signal,
  })
  if (response.status !== 202 && response.status !== 204) throw await refusal(response, { method: 'PATCH' })
  discardBody(response)
  return locationOf(session, response)
}

async function finish(
  session: Session,
  { end, digest, signal }: { readonly end: URL; readonly digest: string } & AbortOptions,
): Promise<void> {
  const target = new URL(end)
  target.searchParams.set('digest', digest)
  const response = await session.send({
    method: 'PUT',
    target,
    headers: OCTETS,
    body: new Uint8Array(),
    attempts: 1,
    signal,
  })
  if (response.status !== 201 && response.status !== 204) throw await refusal(response, { method: 'PUT' })
  discardBody(response)
}

function locationOf({ endpoint }: Session, { headers, url }: Incoming): URL {
  const { location = '' } = headers
  const found = location !== '' && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined
  const isSafe = found?.protocol === 'https:' || (found?.protocol === 'http:' && endpoint.base.protocol === 'http:')
  if (found && isSafe) return found
  throw failure('invalid', `the registry ${endpoint.base.host} names no place for an upload`)
}
