import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFaultyRegistry } from '../../../test/fixtures/faulty-registry.ts'
import { openLab } from '../../../test/fixtures/image-lab.ts'
import { MEDIA_TYPES } from '../../oci/index.ts'
import { createProgressQueue } from './progress-queue.ts'

test('a pulled image has the registry’s digests, and is told as docker tells it', async () => {
  await using registry = await startFaultyRegistry()
  await using lab = await openLab()
  const { digest, id } = registry.addImage('lab/a:1')
  const name = `${registry.host}/lab/a`
  assert.deepEqual(await Array.fromAsync(lab.images.pull(`${name}:1`)), [
    { status: 'Pulling from lab/a', id: '1' },
    { status: `Digest: ${digest}` },
    { status: `Status: Downloaded newer image for ${name}:1` },
  ])
  const image = lab.images.resolve(`${name}:1`)
  assert.deepEqual([image.id, image.manifest.digest, image.repoDigests], [id, digest, [`${name}@${digest}`]])
  assert.deepEqual(lab.events, [{ action: 'pull', id: `${name}:1`, attributes: { name } }])
  const again = await Array.fromAsync(lab.images.pull(`${name}:1`))
  assert.deepEqual(again.at(-1), { status: `Status: Image is up to date for ${name}:1` })
  await Array.fromAsync(lab.images.pull(`${name}@${digest}`))
})

test('an image that is pushed lies in the registry byte for byte', async () => {
  await using registry = await startFaultyRegistry()
  await using lab = await openLab()
  const name = `${registry.host}/lab/b`
  const image = lab.make(`${name}:2`)
  const { digest, size } = image.manifest
  assert.deepEqual(await Array.fromAsync(lab.images.push(`${name}:2`)), [
    { status: `The push refers to repository [${name}]` },
    { status: `2: digest: ${digest} size: ${size}` },
    { progressDetail: {}, aux: { Tag: '2', Digest: digest, Size: size } },
  ])
  assert.deepEqual(registry.manifests.get('lab/b:2')?.bytes, lab.store.blobs.read(digest))
  assert.deepEqual(registry.blobs.get(image.id), lab.store.blobs.read(image.id))
  assert.deepEqual(lab.images.resolve(`${name}:2`).repoDigests, [`${name}@${digest}`])
})

test('an index gives the image of the platform, and says when it has none', async () => {
  await using registry = await startFaultyRegistry()
  await using lab = await openLab()
  const entries = ['amd64', 's390x'].map((architecture) => {
    const { digest, size } = registry.addImage(`lab/c:${architecture}`, architecture)
    return { mediaType: MEDIA_TYPES.ociManifest, digest, size, platform: { os: 'linux', architecture } }
  })
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: entries }
  const digest = registry.addManifest('lab/c:all', index, MEDIA_TYPES.ociIndex)
  const name = `${registry.host}/lab/c:all`
  const pull = (architecture: string) =>
    Array.fromAsync(lab.images.pull(name, { platform: { os: 'linux', architecture } }))
  await pull('s390x')
  const { config, repoDigests } = lab.images.resolve(name)
  assert.deepEqual([config.architecture, repoDigests], ['s390x', [`${registry.host}/lab/c@${digest}`]])
  await assert.rejects(pull('riscv64'), {
    kind: 'not-found',
    message: 'no matching manifest for linux/riscv64 in the manifest list entries',
  })
})

test('content of another digest makes no image and does not stay', async () => {
  await using registry = await startFaultyRegistry()
  await using lab = await openLab()
  const { id } = registry.addImage('lab/d:1')
  const right = registry.blobs.get(id) ?? Buffer.alloc(0)
  registry.blobs.set(id, Buffer.from(right.toString().replace('linux', 'minux')))
  const name = `${registry.host}/lab/d:1`
  await assert.rejects(Array.fromAsync(lab.images.pull(name)), {
    kind: 'corrupt',
    message: `filesystem layer verification failed for digest ${id}`,
  })
  assert.throws(() => lab.images.resolve(name), { kind: 'not-found' })
  assert.ok(!lab.store.blobs.list().includes(id as never))
  registry.blobs.set(id, right)
  await Array.fromAsync(lab.images.pull(name))
  assert.equal(lab.images.resolve(name).id, id)
})

test('two pulls of one blob download it once; one that is given up does not disturb the other', async () => {
  await using registry = await startFaultyRegistry()
  await using lab = await openLab()
  const { id } = registry.addImage('lab/e:1')
  const bytes = registry.blobs.get(id) ?? Buffer.alloc(0)
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  registry.fault = async (request, response) => {
    if (!request.url?.includes('/blobs/')) return false
    asked.resolve()
    await released.promise
    response.end(bytes)
    return true
  }
  const name = `${registry.host}/lab/e:1`
  const cancel = new AbortController()
  const first = assert.rejects(Array.fromAsync(lab.images.pull(name, { signal: cancel.signal })), { kind: 'cancelled' })
  const second = lab.images.pull(name)[Symbol.asyncIterator]()
  await second.next()
  // With its next step it has joined the download of the first.
  const rest = second.next()
  await asked.promise
  cancel.abort()
  await first
  released.resolve()
  await rest
  while (!(await second.next()).done);
  assert.equal(lab.images.resolve(name).id, id)
  assert.equal(registry.requests.filter((line) => line.includes('/blobs/')).length, 1)
})

test('a pull that is cancelled leaves no image', async () => {
  await using registry = await startFaultyRegistry()
  await using lab = await openLab()
  const { id } = registry.addImage('lab/f:1')
  const cancel = new AbortController()
  registry.fault = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false
    response.writeHead(200, { 'content-length': 100 })
    response.write('begun', () => cancel.abort())
    return true
  }
  const name = `${registry.host}/lab/f:1`
  await assert.rejects(Array.fromAsync(lab.images.pull(name, { signal: cancel.signal })), { kind: 'cancelled' })
  assert.deepEqual(lab.images.list({ all: true }), [])
  assert.ok(!lab.store.blobs.list().includes(id as never))
})

test('a slow reader of progress misses figures, never steps', async () => {
  const queue = createProgressQueue()
  for (const current of [1, 2, 3]) queue.put({ status: 'Downloading', id: 'a', progressDetail: { current } })
  queue.put({ status: 'Pull complete', id: 'a', progressDetail: {} })
  queue.end()
  assert.deepEqual(await Array.fromAsync(queue), [
    { status: 'Downloading', id: 'a', progressDetail: { current: 3 } },
    { status: 'Pull complete', id: 'a', progressDetail: {} },
  ])
})
