import { type AbortOptions, failure } from '../../base/index.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { Credentials } from './contract.ts'
import { refusal } from './registry-error.ts'
import { type Incoming, readBody, type Transport } from './transport.ts'

const TOKEN_LIMIT = 1 << 20
const CLIENT_ID = 'slipway'

/** Knows what to send so that one registry lets one person in. */
export interface Authorization {
  /** The value of the `Authorization` header, as far as one is known. */
  header(): string | undefined
  /** Answers the challenge of a 401; false when there is nothing new to say. `unauthenticated` with Docker's texts. */
  answer(response: Incoming, options: AbortOptions): Promise<boolean>
  /** The refresh token that the token server has given, for a login. */
  readonly identityToken: string | undefined
}

export interface AuthorizationOptions {
  readonly transport: Transport
  /** `repository:library/busybox:pull` */
  readonly scopes: readonly string[]
  readonly credentials: Credentials | undefined
  /** Whether certificates are checked, and whether credentials may go over plain HTTP. */
  readonly verify: boolean
  readonly plain: boolean
  /** Ask for a refresh token. */
  readonly offline?: boolean
}

export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { credentials } = options
  let current = credentials?.registryToken ? `Bearer ${credentials.registryToken}` : undefined
  let identityToken: string | undefined

  async function answer(response: Incoming, { signal }: AbortOptions): Promise<boolean> {
    const challenges = parseChallenges(response.headers['www-authenticate'] ?? '')
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    const next = bearer
      ? await fetchToken(bearer, { ...options, signal })
      : challenges.some(({ scheme }) => scheme === 'basic')
        ? { header: basicHeader(credentials), refreshToken: undefined }
        : undefined
    if (!next || next.header === current) return false
    current = next.header
    identityToken = next.refreshToken ?? identityToken
    return true
  }

  return {
    header: () => current,
    answer,
    get identityToken() {
      return identityToken
    },
  }
}

function basicHeader(credentials: Credentials | undefined): string {
  if (!credentials?.username) throw failure('unauthenticated', 'no basic auth credentials')
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password ?? ''}`).toString('base64')}`
}

interface Granted {
  readonly header: string
  readonly refreshToken: string | undefined
}

/** Asks the token server that the challenge names: without credentials too, for what is open to all. */
async function fetchToken(
  { parameters }: Challenge,
  options: AuthorizationOptions & AbortOptions,
): Promise<Granted | undefined> {
  const { transport, credentials, verify, plain, signal } = options
  const realm = URL.canParse(parameters.realm ?? '') ? new URL(parameters.realm ?? '') : undefined
  if (!realm || !['http:', 'https:'].includes(realm.protocol)) {
    throw failure('invalid', 'the registry names no token server that can be asked')
  }
  if (credentials?.registryToken) return undefined
  const isSecret = Boolean(credentials?.username || credentials?.identityToken)
  if (isSecret && realm.protocol === 'http:' && !plain) {
    throw failure('forbidden', `credentials are not sent to ${realm.origin}: it is not encrypted`)
  }
  const { url, ...request } = tokenRequest(realm, { ...options, service: parameters.service ?? '' })
  const response = await transport.send({ ...request, url, verify, signal })
  if (response.status !== 200) throw await refusal(response, { method: request.method })
  return readGrant(await readBody(response, TOKEN_LIMIT))
}

function tokenRequest(realm: URL, options: AuthorizationOptions & { readonly service: string }) {
  const { credentials, scopes, service, offline = false } = options
  if (credentials?.identityToken) {
    const form = {
      grant_type: 'refresh_token',
      refresh_token: credentials.identityToken,
      service,
      client_id: CLIENT_ID,
    }
    const body = Buffer.from(new URLSearchParams({ ...form, scope: scopes.join(' ') }).toString())
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { method: 'POST', url: realm, headers, body } as const
  }
  const url = new URL(realm)
  if (service !== '') url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  if (offline) {
    url.searchParams.set('offline_token', 'true')
    url.searchParams.set('client_id', CLIENT_ID)
  }
  if (!credentials?.username) return { method: 'GET', url } as const
  url.searchParams.set('account', credentials.username)
  return { method: 'GET', url, headers: { authorization: basicHeader(credentials) } } as const
}

function readGrant(body: Buffer): Granted {
  let grant: { token?: unknown; access_token?: unknown; refresh_token?: unknown } | null
  try {
    grant = JSON.parse(body.toString())
  } catch (cause) {
    throw failure('unavailable', 'the token server’s answer is not JSON', { cause })
  }
  const token = grant?.token || grant?.access_token
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw failure('unauthenticated', 'authorization server did not include a token in the response')
  }
  return {
    header: `Bearer ${token}`,
    refreshToken: typeof grant?.refresh_token === 'string' ? grant.refresh_token : undefined,
  }
}
