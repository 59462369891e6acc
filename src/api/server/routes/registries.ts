import { failure, kindOf, messageOf } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import {
  CONFIG_LIMIT,
  isIndexType,
  type Platform,
  parseImageConfig,
  parseIndex,
  parseManifest,
  parsePlatform,
  parseReference,
  withDefaultTag,
} from '../../../oci/index.ts'
import type { RemoteManifest, Repository } from '../../../registry/client/index.ts'
import { type Call, json, type Reply, type Route } from '../http/call.ts'
import { atLeast } from '../http/version.ts'
import { authConfig, readCredentials, toCredentials } from '../wire/credentials.ts'
import { progressReply } from './progress-reply.ts'

/** Routes that talk to registries: push, login, and what a registry has. */
export function registryRoutes({ images, registry }: Engine): readonly Route[] {
  function push({ param, query, headers, signal }: Call): Reply {
    const tag = query.text('tag')
    const name = tag === undefined ? param('name') : `${param('name')}:${tag}`
    return progressReply(images.push(name, { credentials: readCredentials(headers['x-registry-auth']), signal }))
  }

  async function login({ body, signal }: Call): Promise<Reply> {
    const config = await body.json(authConfig)
    if (!config) throw failure('invalid', 'invalid JSON: got EOF while reading request body')
    const credentials = toCredentials(config)
    const { identityToken = '' } = await registry.login(config.serverAddress, { credentials, signal })
    return json(200, { Status: 'Login Succeeded', ...(identityToken !== '' && { IdentityToken: identityToken }) })
  }

  async function distribution({ param, headers, signal }: Call): Promise<Reply> {
    const reference = withDefaultTag(parseReference(param('name')))
    const credentials = readCredentials(headers['x-registry-auth'])
    const repository = await registry.open(reference, { access: 'pull', credentials, signal })
    const found = await repository.manifest(reference.digest ?? reference.tag ?? '', { signal })
    const { mediaType, digest, bytes } = found
    const platforms = await platformsOf(found, { repository, signal })
    return json(200, { Descriptor: { mediaType, digest, size: bytes.length }, Platforms: platforms })
  }

  return [
    { method: 'POST', path: '/auth', handler: login },
    { method: 'POST', path: '/images/{name:.*}/push', handler: push },
    { method: 'GET', path: '/distribution/{name:.*}/json', handler: distribution },
  ]
}

/** `POST /images/create?fromImage=…`. A name without tag or digest stands for all its tags. */
export function pullImage({ images }: Engine, { query, version, headers, signal }: Call): Reply {
  const name = query.text('fromImage') ?? ''
  const tag = query.text('tag')
  const text = tag === undefined ? name : `${name}${tag.includes(':') ? '@' : ':'}${tag}`
  const reference = parseReference(text)
  const platform = atLeast(version, '1.32') ? query.text('platform') : undefined
  const lines = images.pull(text, {
    allTags: reference.tag === undefined && reference.digest === undefined,
    platform: platform === undefined ? undefined : parsePlatform(platform),
    credentials: readCredentials(headers['x-registry-auth']),
    signal,
  })
  return progressReply(asDocker(lines))
}

/**
 * Docker answers 500 for whatever keeps an existing image away. 401 in particular would make clients ask for a password.
 */
async function* asDocker<T>(lines: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  try {
    yield* lines
  } catch (cause) {
    if (['not-found', 'invalid', 'cancelled'].includes(kindOf(cause))) throw cause
    throw failure('internal', messageOf(cause), { cause })
  }
}

async function platformsOf(
  { mediaType, bytes }: RemoteManifest,
  { repository, signal }: { readonly repository: Repository; readonly signal: AbortSignal },
): Promise<readonly Platform[]> {
  if (isIndexType(mediaType)) return parseIndex(bytes).manifests.flatMap(({ platform }) => platform ?? [])
  const { config } = parseManifest(bytes)
  if (config.size > CONFIG_LIMIT) return []
  const content = Buffer.concat(await Array.fromAsync(repository.blob(config, { signal })))
  const { os, architecture, variant } = parseImageConfig(content)
  return [{ os, architecture, ...(variant !== undefined && { variant }) }]
}
