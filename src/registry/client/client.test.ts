import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { type FaultyRegistry, refuse, startFaultyRegistry } from '../../../test/fixtures/faulty-registry.ts'
import { MEDIA_TYPES, parseReference } from '../../oci/index.ts'
import { createRegistryClient } from './client.ts'
import type { Credentials, Repository } from './contract.ts'

function open(
  registry: FaultyRegistry,
  {
    name = 'lab/a:1',
    access = 'pull',
    credentials,
  }: { name?: string; access?: 'pull' | 'push'; credentials?: Credentials } = {},
): Promise<Repository> {
  const client = createRegistryClient({ insecure: [], mirrors: [] })
  return client.open(parseReference(`${registry.host}/${name}`), { access, credentials })
}

async function contentOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source))
}

const CONTENT = Buffer.alloc(300_000, 'abcdefghijk')

/** Sends some bytes of an answer that was to be longer, and cuts the connection. */
function cutAfter(response: ServerResponse, { bytes, from }: { bytes: number; from: number }): void {
  const range = from > 0 ? { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` } : {}
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': CONTENT.length - from, ...range })
  response.write(CONTENT.subarray(from, from + bytes), () => response.destroy())
}

test('a blob whose connection is cut again and again arrives whole, each byte asked for once', async () => {
  await using registry = await startFaultyRegistry()
  const blob = registry.addBlob(CONTENT)
  let cuts = 3
  const starts: number[] = []
  registry.fault = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false
    const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0)
    starts.push(from)
    if (cuts === 0) return false
    cuts -= 1
    cutAfter(response, { bytes: 70_000, from })
    return true
  }
  const repository = await open(registry)
  assert.deepEqual(await contentOf(repository.blob(blob)), CONTENT)
  assert.deepEqual(starts, [0, 70_000, 140_000, 210_000])
})

test('a server that knows no ranges is listened to from where it was left', async () => {
  await using registry = await startFaultyRegistry()
  const blob = registry.addBlob(CONTENT)
  let isFirst = true
  registry.fault = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false
    if (isFirst) cutAfter(response, { bytes: 100_000, from: 0 })
    else response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT)
    isFirst = false
    return true
  }
  const repository = await open(registry)
  assert.deepEqual(await contentOf(repository.blob(blob)), CONTENT)
})

test('a busy server is asked again, when it says', async () => {
  await using registry = await startFaultyRegistry()
  const { digest } = registry.addImage('lab/a:1')
  const answers = [429, 500, 503]
  registry.fault = (request, response) => {
    const status = request.url?.includes('/manifests/') ? answers.shift() : undefined
    if (status !== undefined) response.writeHead(status, { 'retry-after': '0' }).end()
    return status !== undefined
  }
  const repository = await open(registry)
  assert.equal((await repository.manifest('1')).digest, digest)
})

test('a manifest of another digest, another kind or too many bytes is refused', async () => {
  await using registry = await startFaultyRegistry()
  const { digest } = registry.addImage('lab/a:1')
  const repository = await open(registry)
  const other = registry.manifests.get(registry.addImage('lab/a:2').digest)
  assert.ok(other)
  registry.manifests.set(digest, other)
  await assert.rejects(repository.manifest(digest), { kind: 'corrupt' })
  registry.addManifest('lab/a:old', { schemaVersion: 1 }, 'application/vnd.docker.distribution.manifest.v1+prettyjws')
  await assert.rejects(repository.manifest('old'), { kind: 'invalid', message: /^manifest schema 1/ })
  registry.addManifest('lab/a:page', {}, 'text/html')
  await assert.rejects(repository.manifest('page'), { kind: 'invalid', message: /unsupported manifest media type/ })
  registry.addManifest('lab/a:huge', { annotations: { a: 'x'.repeat(5 << 20) } }, MEDIA_TYPES.ociManifest)
  await assert.rejects(repository.manifest('huge'), { kind: 'invalid', message: /longer than/ })
})

test('what a registry refuses is told in the words of docker', async () => {
  await using registry = await startFaultyRegistry()
  const repository = await open(registry)
  const name = `${registry.host}/lab/a`
  const cases = [
    [
      'MANIFEST_UNKNOWN',
      'manifest unknown',
      'not-found',
      `manifest for ${name}:1 not found: manifest unknown: manifest unknown`,
    ],
    ['NAME_UNKNOWN', 'unknown', 'not-found', `repository ${name} not found: name unknown: unknown`],
    [
      'DENIED',
      'no',
      'not-found',
      `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: no`,
    ],
    ['UNAUTHORIZED', 'who?\x1b[2J', 'unauthenticated', 'unauthorized: who? [2J'],
  ] as const
  for (const [code, text, kind, message] of cases) {
    registry.fault = (_request, response) => {
      refuse(response, code, text, 403)
      return true
    }
    await assert.rejects(repository.manifest('1'), { kind, message })
  }
})

test('a token is fetched for the scope, and a redirect to another host gets none of it', async () => {
  await using registry = await startFaultyRegistry()
  await using other = await startFaultyRegistry()
  const blob = registry.addBlob('content')
  other.addBlob('content')
  const seen: (string | undefined)[] = []
  other.fault = (request) => {
    seen.push(request.headers.authorization)
    return false
  }
  registry.fault = (request, response) => {
    if (request.url?.startsWith('/token')) {
      const expected = `Basic ${Buffer.from('me:secret').toString('base64')}`
      assert.equal(request.headers.authorization, expected)
      assert.match(request.url, /service=here&scope=repository%3Alab%2Fa%3Apull&account=me$/)
      response.end(JSON.stringify({ token: 'granted' }))
      return true
    }
    if (request.headers.authorization !== 'Bearer granted') {
      const challenge = `Bearer realm="http://${registry.host}/token",service="here",scope="x"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
      return true
    }
    if (!request.url?.includes('/blobs/')) return false
    response.writeHead(307, { location: `http://${other.host}${request.url}` }).end()
    return true
  }
  const repository = await open(registry, { credentials: { username: 'me', password: 'secret' } })
  assert.equal((await contentOf(repository.blob(blob))).toString(), 'content')
  assert.deepEqual(seen, [undefined])
})

test('an upload that is cut goes on where the registry says', async () => {
  await using registry = await startFaultyRegistry()
  const { digest, size } = registry.addBlob(CONTENT)
  registry.blobs.clear()
  let isFirst = true
  const starts: number[] = []
  registry.fault = (request) => {
    if (request.method !== 'PATCH' || !isFirst) return false
    isFirst = false
    registry.uploads.set('u0', CONTENT.subarray(0, 1000))
    request.socket.destroy()
    return true
  }
  const repository = await open(registry, { access: 'push' })
  const source = (start: number): AsyncIterable<Uint8Array> => {
    starts.push(start)
    return (async function* () {
      yield CONTENT.subarray(start)
    })()
  }
  assert.equal(await repository.hasBlob(digest), false)
  assert.equal(await repository.pushBlob({ digest, size, open: source }), 'pushed')
  assert.deepEqual(starts, [0, 1000])
  assert.deepEqual(registry.blobs.get(digest), CONTENT)
  assert.equal(await repository.hasBlob(digest), true)
})

test('a download that is given up ends at once', async () => {
  await using registry = await startFaultyRegistry()
  const blob = registry.addBlob(CONTENT)
  const cancel = new AbortController()
  registry.fault = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false
    response.writeHead(200, { 'content-length': CONTENT.length })
    response.write('begun', () => cancel.abort())
    return true
  }
  const repository = await open(registry)
  await assert.rejects(contentOf(repository.blob(blob, { signal: cancel.signal })), { kind: 'cancelled' })
})
