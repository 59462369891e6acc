import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLab } from '../../test/fixtures/image-lab.ts'
import { formatTimestamp } from '../base/index.ts'
import { digestOf } from '../oci/index.ts'
import type { ImageId } from './contract.ts'

test('an image is found by name, by id, by the beginning of its id', async () => {
  await using lab = await openLab()
  const image = lab.make('busybox')
  const hex = image.id.slice('sha256:'.length)
  const ways = [
    'busybox',
    'busybox:latest',
    'docker.io/library/busybox',
    image.id,
    hex,
    hex.slice(0, 12),
    image.id.slice(0, 19),
  ]
  for (const way of ways) assert.deepEqual(lab.images.resolve(way), image, way)
  assert.deepEqual(lab.images.get(image.id), image)
  assert.equal(lab.images.get(digestOf('x') as ImageId), undefined)
})

test('what is not there is told as Docker tells it', async () => {
  await using lab = await openLab()
  const digest = digestOf('x')
  const cases = [
    ['nope', 'not-found', 'No such image: nope:latest'],
    ['host:5000/a:1', 'not-found', 'No such image: host:5000/a:1'],
    [`a@${digest}`, 'not-found', `No such image: a@${digest}`],
    [digest, 'not-found', `No such image: ${digest}`],
    [digest.slice(7), 'not-found', `No such image: ${digest}`],
    ['abcdef', 'not-found', 'No such image: abcdef:latest'],
    ['Bad', 'invalid', 'invalid reference format: repository name (library/Bad) must be lowercase'],
    ['', 'invalid', 'invalid reference format'],
  ] as const
  for (const [name, kind, message] of cases) assert.throws(() => lab.images.resolve(name), { kind, message })
})

test('a beginning that two ids share means neither', async () => {
  await using lab = await openLab()
  const firsts = new Set<string>()
  for (let number = 0; ; number += 1) {
    const first = lab.make(undefined, { author: String(number) }).id.slice(7, 8)
    if (firsts.has(first)) {
      assert.throws(() => lab.images.resolve(first), { kind: 'not-found', message: `No such image: ${first}:latest` })
      return
    }
    firsts.add(first)
  }
})

test('composing announces the image and its name; the configuration comes back as given', async () => {
  await using lab = await openLab()
  const image = lab.make('app:1', { config: { Labels: { a: 'b' } } })
  assert.deepEqual(lab.events, [
    { action: 'create', id: image.id, attributes: { a: 'b', name: image.id } },
    { action: 'tag', id: image.id, attributes: { a: 'b', name: 'app:1' } },
  ])
  assert.deepEqual(image.config.config, { Labels: { a: 'b' } })
  assert.equal(image.size, 0)
  assert.equal(formatTimestamp(image.created), image.config.created)
  assert.deepEqual(lab.images.resolve('app:1'), image)
})

test('a tag moves from one image to another, which is then dangling', async () => {
  await using lab = await openLab()
  const [old, young] = [lab.make('app'), lab.make('other')]
  lab.images.tag('other', 'app')
  assert.deepEqual(lab.images.resolve('app').tags, ['app:latest', 'other:latest'])
  assert.equal(lab.images.resolve('app').id, young.id)
  assert.deepEqual(lab.images.get(old.id)?.tags, [])
  assert.ok(lab.images.resolve('app').lastTagged! > young.lastTagged!)
  assert.deepEqual(lab.events.at(-1), { action: 'tag', id: young.id, attributes: { name: 'app:latest' } })
})

test('what cannot be a tag is refused with Docker’s texts, before the image is looked for', async () => {
  await using lab = await openLab()
  lab.make('app')
  const cases = [
    [`app@${digestOf('x')}`, 'refusing to create a tag with a digest reference'],
    ['sha256:abc', 'refusing to create an ambiguous tag using digest algorithm as name'],
    ['Up:1', 'invalid reference format: repository name (library/Up) must be lowercase'],
    ['a:b:c', 'invalid reference format'],
  ] as const
  for (const [target, message] of cases) {
    assert.throws(() => lab.images.tag('nope', target), { kind: 'invalid', message })
  }
  assert.throws(() => lab.images.tag('nope', 'fine'), { kind: 'not-found' })
})

test('registering content that is not whole is refused', async () => {
  await using lab = await openLab()
  const config = lab.store.blobs.put(
    Buffer.from(
      JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf('l')] } }),
    ),
  )
  const layer = lab.store.blobs.put(Buffer.from('l'))
  const put = (document: object): { manifest: ReturnType<typeof digestOf>; mediaType: string } => ({
    manifest: lab.store.blobs.put(Buffer.from(JSON.stringify({ schemaVersion: 2, ...document }))).digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
  })
  const descriptor = (content: { digest: string; size: number }): object => ({ mediaType: 'a/b', ...content })
  const cases = [
    [put({ config: descriptor(config), layers: [] }), 'invalid', /layers length mismatch: expected 0, got 1/],
    [
      put({ config: descriptor(config), layers: [descriptor({ digest: digestOf('none'), size: 1 })] }),
      'not-found',
      /content sha256:.* is missing/,
    ],
    [
      put({ config: descriptor(config), layers: [descriptor({ ...layer, size: 9 })] }),
      'invalid',
      /has 1 bytes, its manifest says 9/,
    ],
    [put({ config: descriptor(config), layers: [descriptor(layer)] }), 'not-found', /failed to get layer sha256:/],
    [put({ config: descriptor(layer), layers: [] }), 'invalid', /invalid image configuration/],
  ] as const
  for (const [image, kind, message] of cases) assert.throws(() => lab.images.register(image), { kind, message })
  assert.deepEqual(lab.images.list({ all: true }), [])
})

test('registering a known image again adds names and keeps its manifest', async () => {
  await using lab = await openLab()
  const image = lab.make('app:1')
  const { digest, mediaType } = image.manifest
  const again = lab.images.register({
    manifest: digest,
    mediaType,
    reference: 'app:2',
    repoDigest: `app@${digest}`,
  })
  assert.equal(again.id, image.id)
  assert.deepEqual(again.tags, ['app:1', 'app:2'])
  assert.deepEqual(again.repoDigests, [`app@${digest}`])
  assert.equal(lab.images.resolve(`app@${digest}`).id, image.id)
  assert.equal(lab.images.resolve(`app:whatever@${digest}`).id, image.id)
})

test('history names the image itself, its parents on this engine, and what came from elsewhere', async () => {
  await using lab = await openLab()
  const steps = [{ created_by: 'one', created: '2020-01-01T00:00:00Z', empty_layer: true }]
  const base = lab.make('base', { history: steps })
  const child = lab.make('child', { history: [...steps, { created_by: 'two', empty_layer: true }], parent: base.id })
  const line = { size: 0, empty_layer: true }
  assert.deepEqual(lab.images.history('child'), [
    { ...line, created_by: 'two', id: child.id, tags: ['child:latest'], createdAt: 0n },
    { ...line, ...steps[0], id: base.id, tags: ['base:latest'], createdAt: 1_577_836_800_000_000_000n },
  ])
  lab.images.tag('child', 'again')
  await lab.images.remove('child:latest')
  assert.deepEqual(
    lab.images.history('again').map(({ id, tags }) => [id, tags]),
    [
      [child.id, ['again:latest']],
      [base.id, ['base:latest']],
    ],
  )
  const foreign = lab.make('foreign', { author: 'x', history: [...steps, ...steps] })
  assert.deepEqual(
    lab.images.history('foreign').map(({ id }) => id),
    [foreign.id, '<missing>'],
  )
})

test('an image whose configuration is damaged is not listed, can be removed, and is healed by registering it again', async () => {
  await using lab = await openLab()
  const image = lab.make('app')
  lab.make('fine')
  const bytes = lab.store.blobs.read(image.id)
  lab.store.blobs.delete(image.id)
  await using reopened = await openLab({ folder: lab.folder })
  assert.deepEqual(
    reopened.images.list().flatMap(({ tags }) => tags),
    ['fine:latest'],
  )
  assert.throws(() => reopened.images.resolve('app'), { kind: 'corrupt' })
  reopened.store.blobs.put(bytes)
  assert.equal(reopened.images.resolve('app').id, image.id)
  reopened.store.blobs.delete(image.id)
  assert.deepEqual(await reopened.images.remove('app'), [{ untagged: 'app:latest' }, { deleted: image.id }])
})
