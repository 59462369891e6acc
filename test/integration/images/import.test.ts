import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { digestOf } from '../../../src/oci/index.ts'
import { busyboxRootfs } from '../../fixtures/busybox.ts'
import { mustRun } from '../../fixtures/command.ts'
import { chunksOf, openLab, tarOf } from '../../fixtures/image-lab.ts'

test('an imported root file system is an image of one layer with the configuration of its changes', async () => {
  await using lab = await openLab()
  const rootfs = await busyboxRootfs()
  const image = await lab.images.import(chunksOf(rootfs), {
    reference: 'busybox',
    changes: ['CMD ["sh"]', 'ENV a=1', 'LABEL made=here'],
  })
  assert.equal(image.id, digestOf(lab.store.blobs.read(image.id)))
  assert.deepEqual(image.tags, ['busybox:latest'])
  assert.deepEqual(image.config.rootfs, { type: 'layers', diff_ids: [digestOf(rootfs)] })
  assert.deepEqual(image.config.config, { Cmd: ['sh'], Env: ['a=1'], Labels: { made: 'here' } })
  assert.equal(image.config.os, 'linux')
  assert.deepEqual(
    image.config.history?.map(({ comment }) => comment),
    ['Imported from -'],
  )
  assert.equal(image.size, lab.store.layers.chain(image.chainId!)[0]?.size)
  assert.ok(image.size > 1_000_000)
  assert.deepEqual(lab.events, [
    { action: 'tag', id: image.id, attributes: { made: 'here', name: 'busybox:latest' } },
    { action: 'import', id: image.id, attributes: { made: 'here', name: image.id } },
  ])
  assert.deepEqual(lab.images.resolve('busybox'), image)
})

test('compression changes neither the layer nor what it says, whatever the format', async () => {
  await using lab = await openLab()
  const rootfs = await busyboxRootfs()
  const filter = async (program: string): Promise<Buffer> =>
    (await mustRun(program, ['-c'], { input: rootfs })).stdoutBytes
  const variants = {
    gzip: gzipSync(rootfs, { level: 1 }),
    zstd: zstdCompressSync(rootfs),
    bzip2: await filter('bzip2'),
    xz: await filter('xz'),
  }
  for (const [format, bytes] of Object.entries(variants)) {
    const image = await lab.images.import(chunksOf(bytes), { reference: `test:${format}`, message: format })
    assert.deepEqual(image.config.rootfs.diff_ids, [digestOf(rootfs)], format)
    assert.equal(image.config.history?.[0]?.comment, format)
  }
  assert.equal(new Set(lab.images.list().map(({ chainId }) => chainId)).size, 1)
})

test('a failed import is refused clearly and leaves nothing behind', async () => {
  await using lab = await openLab()
  const rootfs = await busyboxRootfs()
  const gzip = gzipSync(rootfs, { level: 1 })
  const refused: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ['a truncated tar', rootfs.subarray(0, rootfs.length / 2)],
    ['a truncated gzip', gzip.subarray(0, gzip.length / 2)],
    ['noise', Buffer.alloc(100_000, 'noise')],
    ['a name that leads outside', await tarOf([['../../outside', 'x']])],
  ]
  for (const [name, bytes] of refused) {
    await assert.rejects(
      lab.images.import(chunksOf(bytes), { reference: 'bad' }),
      (error: Error & { kind?: string }) => {
        assert.match(String(error.kind), /^(?:invalid|corrupt)$/, `${name}: ${error.stack}`)
        return true
      },
    )
  }
  assert.deepEqual(lab.images.list({ all: true }), [])
  assert.deepEqual(lab.store.blobs.list(), [])
  assert.deepEqual(lab.events, [])
})

test('wrong options are refused before a byte is read', async () => {
  await using lab = await openLab()
  const unread: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => assert.fail('the source was read') }
  const cases = [
    [{ reference: `busybox@${digestOf('x')}` }, 'cannot import digest reference'],
    [{ reference: 'UPPER' }, /must be lowercase/],
    [{ reference: 'sha256:abc' }, /ambiguous tag/],
    [{ changes: ['RUN true'] }, 'RUN is not a valid change command'],
    [{ platform: { os: 'windows', architecture: 'amd64' } }, 'operating system is not supported'],
  ] as const
  for (const [options, message] of cases) {
    await assert.rejects(lab.images.import(unread, options), { kind: 'invalid', message })
  }
})
