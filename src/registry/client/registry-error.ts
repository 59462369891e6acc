import { failure, type Kind } from '../../base/index.ts'
import { familiarName, type Reference } from '../../oci/index.ts'
import { parseChallenges } from './challenge.ts'
import { describeRequest } from './network-error.ts'
import { type Incoming, readBody } from './transport.ts'

const ERROR_LIMIT = 1 << 16
const MESSAGE_LIMIT = 2048

/** What a registry says is wrong: the first entry of the distribution specification's error document. */
interface RegistryError {
  readonly code: string
  readonly message: string
}

const KIND_OF_CODE: Readonly<Record<string, Kind>> = {
  MANIFEST_UNKNOWN: 'not-found',
  NAME_UNKNOWN: 'not-found',
  BLOB_UNKNOWN: 'not-found',
  UNAUTHORIZED: 'unauthenticated',
  DENIED: 'forbidden',
  TOOMANYREQUESTS: 'rate-limited',
  UNSUPPORTED: 'unsupported',
  NAME_INVALID: 'invalid',
  TAG_INVALID: 'invalid',
  MANIFEST_INVALID: 'invalid',
  DIGEST_INVALID: 'invalid',
  SIZE_INVALID: 'invalid',
}

/** Turns an answer that is no success into the failure that Docker reports. Reads the body. */
export async function refusal(
  response: Incoming,
  { method, reference, access }: { readonly method: string; readonly reference?: Reference; readonly access?: string },
): Promise<Error> {
  const { status, url } = response
  const found = deniedScope(response) ?? parseError(await readBody(response, ERROR_LIMIT).catch(() => Buffer.alloc(0)))
  const told = found ?? defaultError(status)
  if (!told) {
    const text = `${status} ${response.body.statusMessage ?? ''}`.trim()
    if (status >= 500) return failure('unavailable', `received unexpected HTTP status: ${text}`)
    return failure('internal', `${describeRequest(method, url)}: unexpected status: ${text}`)
  }
  const text = `${told.code.toLowerCase().replaceAll('_', ' ')}: ${told.message}`
  if (reference && access === 'pull') {
    const { familiar } = reference
    if (told.code === 'MANIFEST_UNKNOWN') {
      return failure('not-found', `manifest for ${familiarName(reference)} not found: ${text}`)
    }
    if (told.code === 'NAME_UNKNOWN') return failure('not-found', `repository ${familiar} not found: ${text}`)
    if (told.code === 'DENIED') {
      return failure(
        'not-found',
        `pull access denied for ${familiar}, repository does not exist or may require 'docker login': ${text}`,
      )
    }
  }
  return failure(KIND_OF_CODE[told.code] ?? (status >= 500 ? 'unavailable' : 'internal'), text)
}

/** A token that was granted for less than was asked means that the repository is closed to this person. */
function deniedScope({ status, headers }: Incoming): RegistryError | undefined {
  const challenges = status === 401 ? parseChallenges(headers['www-authenticate'] ?? '') : []
  if (!challenges.some(({ parameters }) => parameters.error === 'insufficient_scope')) return undefined
  return { code: 'DENIED', message: 'requested access to the resource is denied' }
}

function defaultError(status: number): RegistryError | undefined {
  if (status === 401) return { code: 'UNAUTHORIZED', message: 'authentication required' }
  if (status === 403) return { code: 'DENIED', message: 'requested access to the resource is denied' }
  if (status === 429) return { code: 'TOOMANYREQUESTS', message: 'too many requests' }
  return undefined
}

function parseError(body: Buffer): RegistryError | undefined {
  try {
    const document = JSON.parse(body.toString()) as { errors?: readonly { code?: unknown; message?: unknown }[] }
    const first = document.errors?.[0]
    if (typeof first?.code !== 'string') return undefined
    const message = typeof first.message === 'string' && first.message !== '' ? first.message : first.code.toLowerCase()
    return { code: printable(first.code).slice(0, 64), message: printable(message).slice(0, MESSAGE_LIMIT) }
  } catch {
    return undefined
  }
}

/** Without control characters, which would reach a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ')
}
