import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ChainId, type Digest, hexOf, MEDIA_TYPES } from '../../../src/oci/index.ts'
import type { Layer } from '../../../src/store/index.ts'
import { archive, member, openStoreLab, type StoreLab } from './store-lab.ts'

const NOTHING = { blobs: new Set<Digest>(), chains: new Set<ChainId>() }

test('what the roots reach stays, through indexes, manifests and configurations; the rest goes', async () => {
  await using lab = await openStoreLab()
  const { blobs, layers } = lab.store
  const base = await lab.unpack(archive(member('base', { content: 'b' })))
  const kept = await lab.unpack(archive(member('kept', { content: 'k' })), base.chainId)
  const dropped = await lab.unpack(archive(member('dropped', { content: 'd' })), base.chainId)
  const index = putImage(lab, [base, kept])
  const other = putImage(lab, [base, dropped])
  const garbage = blobs.put(Buffer.from('garbage')).digest
  const result = await lab.store.collect({ blobs: new Set([index]), chains: new Set() })
  assert.deepEqual(result.layers, [dropped.chainId])
  assert.ok(
    result.blobs.includes(garbage) && result.blobs.includes(other) && result.blobs.includes(dropped.blob.digest),
  )
  assert.equal(blobs.list().length, 5)
  assert.ok(layers.get(kept.chainId) && layers.get(base.chainId))
  assert.equal(layers.get(dropped.chainId), undefined)
  const again = await lab.store.collect({ blobs: new Set([index]), chains: new Set() })
  assert.deepEqual(again, { bytes: 0, blobs: [], layers: [] })
  await lab.store.collect(NOTHING)
  assert.deepEqual(blobs.list(), [])
  assert.deepEqual(readdirSync(join(lab.root, 'layers')), ['empty'])
  assert.deepEqual(readdirSync(join(lab.root, 'l')), [])
})

test('a snapshot keeps its layers and their blobs', async () => {
  await using lab = await openStoreLab()
  const base = await lab.unpack(archive(member('base', { content: 'b' })))
  const top = await lab.unpack(archive(member('top', { content: 't' })), base.chainId)
  lab.store.snapshots.create('box', top.chainId)
  assert.deepEqual(await lab.store.collect(NOTHING), { bytes: 0, blobs: [], layers: [] })
  await lab.store.snapshots.remove('box')
  const { layers, blobs } = await lab.store.collect(NOTHING)
  assert.deepEqual(layers, [top.chainId, base.chainId])
  assert.equal(blobs.length, 2)
})

test('nothing is collected while a lease is held', async () => {
  await using lab = await openStoreLab()
  {
    using _lease = lab.store.leases.hold()
    lab.store.blobs.put(Buffer.from('in the making'))
    assert.deepEqual(await lab.store.collect(NOTHING), { bytes: 0, blobs: [], layers: [] })
  }
  const { blobs, bytes } = await lab.store.collect(NOTHING)
  assert.equal(blobs.length, 1)
  assert.equal(bytes, 13)
})

test('a damaged or strange document among the roots stops nothing', async () => {
  await using lab = await openStoreLab()
  const roots = ['{"digest":', '{"digest":7,"rootfs":{"diff_ids":[1]}}', '[]', '{}', 'text'].map(
    (text) => lab.store.blobs.put(Buffer.from(text)).digest,
  )
  const result = await lab.store.collect({ blobs: new Set(roots), chains: new Set() })
  assert.deepEqual(result.blobs, [])
  assert.equal(lab.store.blobs.list().length, roots.length)
})

/** Writes an image of those layers; gives the digest of an index over it. */
function putImage({ store }: StoreLab, layers: readonly Layer[]): Digest {
  const put = (document: object): { digest: Digest; size: number } =>
    store.blobs.put(Buffer.from(JSON.stringify(document)))
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) }
  const config = { mediaType: MEDIA_TYPES.ociConfig, ...put({ architecture: 'amd64', os: 'linux', rootfs }) }
  const manifest = put({ schemaVersion: 2, config, layers: layers.map((layer) => layer.blob) })
  assert.equal(hexOf(manifest.digest).length, 64)
  return put({ schemaVersion: 2, manifests: [{ mediaType: MEDIA_TYPES.ociManifest, ...manifest }] }).digest
}
