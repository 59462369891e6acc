import { type AbortOptions, failure, isKind } from '../../base/index.ts'
import type { Reference } from '../../oci/index.ts'
import { type Authorization, createAuthorization } from './authorization.ts'
import type { Credentials, RegistryClient, RegistrySettings, Repository } from './contract.ts'
import { type Endpoint, endpointsOf, parseMirror } from './endpoints.ts'
import { describeRequest } from './network-error.ts'
import { refusal } from './registry-error.ts'
import { createRepository } from './repository.ts'
import { createSession, type Session } from './session.ts'
import { createTransport, discardBody } from './transport.ts'

/** Names under which Docker's clients know Docker Hub. */
const HUB_NAMES: ReadonlySet<string> = new Set(['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'])

/** `invalid` for settings that cannot be. */
export function createRegistryClient(settings: RegistrySettings): RegistryClient {
  for (const mirror of settings.mirrors) parseMirror(mirror)
  const transport = createTransport()

  function connect(
    endpoint: Endpoint,
    options: { readonly scopes: readonly string[]; readonly credentials?: Credentials | undefined; offline?: boolean },
  ): { readonly session: Session; readonly authorization: Authorization } {
    const authorization = createAuthorization({
      transport,
      scopes: options.scopes,
      credentials: endpoint.isMirror ? undefined : options.credentials,
      verify: endpoint.verify,
      plain: endpoint.base.protocol === 'http:',
      ...(options.offline && { offline: true }),
    })
    return { session: createSession({ endpoint, transport, authorization }), authorization }
  }

  async function open(
    reference: Reference,
    { access, credentials, signal }: Parameters<RegistryClient['open']>[1],
  ): Promise<Repository> {
    const scopes = [`repository:${reference.path}:${access === 'push' ? 'pull,push' : 'pull'}`]
    const endpoints = await endpointsOf(reference.domain, { ...settings, access })
    return firstOf(endpoints, async (endpoint) => {
      const { session } = connect(endpoint, { scopes, credentials })
      await ping(session, { reference, access, signal })
      const repository = createRepository(session, { reference, access })
      // A mirror that has not got the image is passed over.
      if (endpoint.isMirror) await repository.resolve(reference.digest ?? reference.tag ?? 'latest', { signal })
      return repository
    })
  }

  const login: RegistryClient['login'] = async (server, { credentials, signal }) => {
    const domain = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
    const endpoints = await endpointsOf(HUB_NAMES.has(domain) ? 'docker.io' : domain, { ...settings, access: 'push' })
    return firstOf(endpoints, async (endpoint) => {
      const { session, authorization } = connect(endpoint, { scopes: [], credentials, offline: true })
      const response = await session.send({ method: 'GET', target: '/v2/', signal, attempts: 1 })
      discardBody(response)
      if (response.status === 200) return { identityToken: authorization.identityToken }
      const kind = response.status === 401 || response.status === 403 ? 'unauthenticated' : 'unavailable'
      const status = `${response.status} ${response.body.statusMessage ?? ''}`.trim()
      throw failure(kind, `login attempt to ${endpoint.base.origin}/v2/ failed with status: ${status}`)
    })
  }

  return { open, login }
}

/** The first endpoint that answers serves; of those that do not, the last one tells why. */
async function firstOf<T>(endpoints: readonly Endpoint[], use: (endpoint: Endpoint) => Promise<T>): Promise<T> {
  let last: unknown
  for (const endpoint of endpoints) {
    try {
      return await use(endpoint)
    } catch (error) {
      const isAway = isKind(error, 'unavailable') || isKind(error, 'timeout')
      if (!isAway && !(endpoint.isMirror && !isKind(error, 'cancelled'))) throw error
      last = error
    }
  }
  throw last
}

/** Asks whether somebody speaks the protocol there, and gets the token on the way. */
async function ping(
  session: Session,
  { reference, access, signal }: { reference: Reference; access: 'pull' | 'push' } & AbortOptions,
): Promise<void> {
  const response = await session.send({ method: 'GET', target: '/v2/', signal, attempts: 2 })
  if (response.status === 200 || response.status === 401) return discardBody(response)
  if (response.status !== 404) throw await refusal(response, { method: 'GET', reference, access })
  discardBody(response)
  throw failure('unavailable', `${describeRequest('GET', response.url)}: 404 Not Found: no registry answers there`)
}
