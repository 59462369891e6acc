import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { digestOf } from '../../../src/oci/index.ts'
import { busyboxRootfs } from '../../fixtures/busybox.ts'
import { mustRun } from '../../fixtures/command.ts'
import { chunksOf, identityOf, type Lab, openLab, tarOf } from '../../fixtures/image-lab.ts'

/** `busybox:latest` and `busybox:1`, and a second image of two layers on top of it, `host:5000/app:2`. */
async function populate({ images, store }: Lab): Promise<void> {
  const base = await images.import(chunksOf(gzipSync(await busyboxRootfs(), { level: 1 })), { reference: 'busybox' })
  images.tag('busybox', 'busybox:1')
  const blob = store.blobs.put(await tarOf([['etc/app', 'configured']]))
  const mediaType = 'application/vnd.oci.image.layer.v1.tar'
  const layer = await store.layers.unpack({ ...blob, mediaType }, { parent: base.chainId! })
  images.compose({
    config: { ...base.config, history: [...base.config.history!, { created_by: 'by hand' }] },
    chainId: layer.chainId,
    reference: 'host:5000/app:2',
    parent: base.id,
  })
}

test('what is saved and loaded elsewhere is the same to the last byte', async () => {
  await using from = await openLab()
  await using to = await openLab()
  await populate(from)
  const archive = await from.save('busybox', 'host:5000/app:2')
  const progress = await to.load(archive)
  assert.deepEqual(
    progress.flatMap(({ stream }) => stream ?? []),
    ['Loaded image: busybox:1\n', 'Loaded image: busybox:latest\n', 'Loaded image: host:5000/app:2\n'],
  )
  for (const name of ['busybox:latest', 'host:5000/app:2']) {
    assert.deepEqual(identityOf(to.images.resolve(name)), identityOf(from.images.resolve(name)))
  }
  assert.equal(to.images.resolve('host:5000/app:2').parent, to.images.resolve('busybox').id)
  assert.deepEqual(to.store.blobs.list().toSorted(), from.store.blobs.list().toSorted())
  assert.deepEqual(await to.save('busybox', 'host:5000/app:2'), archive)
  assert.deepEqual(
    to.events.filter(({ action }) => action === 'load').map(({ id }) => id),
    ['busybox', 'host:5000/app:2'].map((name) => to.images.resolve(name).id),
  )
})

test('layers that are new are told as they are loaded, unless quiet; known ones are not', async () => {
  await using from = await openLab()
  await populate(from)
  const archive = await from.save('busybox:1')
  const [diffId] = from.images.resolve('busybox').config.rootfs.diff_ids
  await using to = await openLab()
  const lines = (await to.load(archive)).filter(({ status }) => status !== undefined)
  const total = lines[0]?.progressDetail?.total
  assert.deepEqual(lines.at(-1), {
    status: 'Loading layer',
    id: diffId!.slice(7, 19),
    progressDetail: { current: total, total },
    progress: lines.at(-1)?.progress,
  })
  assert.match(lines.at(-1)?.progress ?? '', /^\[={50}>\] {1,8}[0-9.]+MB\/[0-9.]+MB$/)
  assert.deepEqual(await to.load(archive), [{ stream: 'Loaded image: busybox:1\n' }])
  await using quiet = await openLab()
  assert.deepEqual(await quiet.load(archive, { quiet: true }), [{ stream: 'Loaded image: busybox:1\n' }])
})

test('an image without a name is told by its id, and a name that moves is told too', async () => {
  await using lab = await openLab()
  await populate(lab)
  const { id } = lab.images.resolve('busybox')
  const nameless = await lab.save(id.slice(7, 19))
  const named = await lab.save('busybox:1')
  await using other = await openLab()
  assert.deepEqual(await other.load(nameless, { quiet: true }), [{ stream: `Loaded image ID: ${id}\n` }])
  const younger = await other.images.import(chunksOf(await busyboxRootfs()), { reference: 'busybox:1' })
  assert.deepEqual(await other.load(named, { quiet: true }), [
    { stream: `The image busybox:1 already exists, renaming the old one with ID ${younger.id} to empty string\n` },
    { stream: 'Loaded image: busybox:1\n' },
  ])
  assert.deepEqual(other.images.resolve(younger.id).tags, [])
})

test('skopeo reads the archive both ways, and what it makes of it loads as the same image', async () => {
  await using lab = await openLab()
  await populate(lab)
  const image = lab.images.resolve('host:5000/app:2')
  writeFileSync(lab.path('saved.tar'), await lab.save('host:5000/app:2'))
  const docker = `docker-archive:${lab.path('saved.tar')}`
  const inspected = JSON.parse((await mustRun('skopeo', ['inspect', '--config', docker])).stdout)
  assert.deepEqual(inspected.rootfs.diff_ids, image.config.rootfs.diff_ids)
  const raw = await mustRun('skopeo', ['inspect', '--raw', `oci-archive:${lab.path('saved.tar')}`])
  assert.equal(digestOf(raw.stdoutBytes), image.manifest.digest)

  // From the one format to the other skopeo writes the configuration anew, so that only the layers stay the same.
  const copies = [
    { from: 'docker-archive', to: 'docker-archive', flags: [], same: 'id' },
    { from: 'oci-archive', to: 'oci-archive', flags: ['--preserve-digests'], same: 'manifest' },
    { from: 'docker-archive', to: 'oci-archive', flags: [], same: 'chainId' },
  ] as const
  for (const { from, to, flags, same } of copies) {
    const path = lab.path(`${from}-${to}.tar`)
    const [source, target] = [`${from}:${lab.path('saved.tar')}`, `${to}:${path}:host:5000/app:3`]
    await mustRun('skopeo', ['copy', '--insecure-policy', ...flags, source, target])
    await using other = await openLab()
    assert.deepEqual(await other.load(readFileSync(path), { quiet: true }), [
      { stream: 'Loaded image: host:5000/app:3\n' },
    ])
    assert.deepEqual(other.images.resolve('host:5000/app:3')[same], image[same], `${from} to ${to}`)
  }
})

test('a name without a tag saves all tags of the repository; unknown names are refused before a byte', async () => {
  await using lab = await openLab()
  await populate(lab)
  await using other = await openLab()
  await other.load(await lab.save('busybox'))
  assert.deepEqual(other.images.resolve('busybox').tags, ['busybox:1', 'busybox:latest'])
  assert.throws(() => lab.images.save(['busybox', 'nope']), {
    kind: 'not-found',
    message: 'No such image: nope:latest',
  })
  assert.throws(() => lab.images.save(['busybox'], { platform: { os: 'linux', architecture: 's390x' } }), {
    kind: 'not-found',
    message: 'no suitable export target found for platform linux/s390x',
  })
})

test('an image is not collected while it is being saved, and a save that is given up lets go of it', async () => {
  await using lab = await openLab()
  await populate(lab)
  const { id } = lab.images.resolve('host:5000/app:2')
  const unread = lab.images.save([id])
  const closed = Promise.withResolvers<void>()
  unread.once('close', closed.resolve)
  await lab.images.remove('host:5000/app:2')
  assert.ok(lab.store.blobs.stat(id), 'the content was collected under the reader')
  unread.destroy()
  await closed.promise
  await lab.images.collect()
  assert.equal(lab.store.blobs.stat(id), undefined)
})

test('damaged content breaks the stream instead of going out', async () => {
  await using lab = await openLab()
  await populate(lab)
  const [layer] = lab.store.layers.chain(lab.images.resolve('busybox').chainId!)
  const path = lab.store.blobs.path(layer!.blob.digest)
  const bytes = readFileSync(path)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(path, bytes)
  await assert.rejects(lab.save('busybox'), { kind: 'corrupt' })
  assert.deepEqual(
    lab.events.filter(({ action }) => action === 'save'),
    [],
  )
})
