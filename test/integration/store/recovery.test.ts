import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isMountPoint } from '../../../src/kernel/index.ts'
import { hexOf } from '../../../src/oci/index.ts'
import { archive, leftovers, member, openStoreLab } from './store-lab.ts'
import { describeTree } from './tree-description.ts'

test('a layer folder that death has left without a record is replaced or deleted', async () => {
  await using lab = await openStoreLab()
  const layer = await lab.unpack(archive(member('./'), member('a', { content: 'right' })))
  const expected = describeTree(lab.folderOf(layer))
  const folder = lab.folderOf(layer)
  // Death between rename and record, found while the store runs.
  lab.db.run('DELETE FROM store_layers')
  writeFileSync(join(folder, 'half'), 'made')
  const again = await lab.unpack(archive(member('./'), member('a', { content: 'right' })))
  assert.equal(again.chainId, layer.chainId)
  assert.deepEqual(describeTree(folder), expected)
  assert.deepEqual(leftovers(lab.root), [])
  // The same, found by the next start.
  lab.db.run('DELETE FROM store_layers')
  await lab.reopen()
  assert.equal(lab.store.layers.get(layer.chainId), undefined)
  const fresh = await lab.unpack(archive(member('./'), member('a', { content: 'right' })))
  await lab.reopen()
  assert.deepEqual(describeTree(folder), expected)
  assert.deepEqual(lab.store.layers.get(layer.chainId), fresh)
  assert.deepEqual(leftovers(lab.root), [])
})

test('the record of a layer whose folder is gone is dropped with all that stands on it', async () => {
  await using lab = await openStoreLab()
  const base = await lab.unpack(archive(member('a', { content: '1' })))
  const lost = await lab.unpack(archive(member('b', { content: '2' })), base.chainId)
  const above = await lab.unpack(archive(member('c', { content: '3' })), lost.chainId)
  lab.store.snapshots.create('on-lost', above.chainId)
  lab.store.snapshots.create('on-base', base.chainId)
  rmSync(join(lab.root, 'layers', hexOf(lost.chainId)), { recursive: true })
  const store = await lab.reopen()
  assert.ok(store.layers.get(base.chainId))
  assert.equal(store.layers.get(lost.chainId), undefined)
  assert.equal(store.layers.get(above.chainId), undefined)
  assert.deepEqual(
    store.snapshots.list().map(({ key }) => key),
    ['on-base'],
  )
  await lab.reopen()
  assert.deepEqual(readdirSync(join(lab.root, 'layers')).sort(), [hexOf(base.chainId), 'empty'].sort())
  assert.deepEqual(readdirSync(join(lab.root, 'containers')), ['on-base'])
  assert.equal(readdirSync(join(lab.root, 'l')).length, 1)
})

test('what an earlier run left in tmp is deleted, links in it are not followed', async () => {
  await using lab = await openStoreLab()
  const before = describeTree(lab.outside)
  const tmp = join(lab.root, 'tmp')
  mkdirSync(join(tmp, 'half/diff/deep'), { recursive: true })
  writeFileSync(join(tmp, 'half/diff/deep/file'), 'x')
  writeFileSync(join(tmp, 'blob'), 'half a blob')
  symlinkSync(lab.outside, join(tmp, 'half/diff/out'))
  symlinkSync(lab.outside, join(tmp, 'out'))
  await lab.reopen()
  await lab.reopen()
  assert.deepEqual(readdirSync(tmp), [])
  assert.deepEqual(describeTree(lab.outside), before)
})

test('a snapshot without a record is unmounted and deleted, what others keep beside it stays', async () => {
  await using lab = await openStoreLab()
  const { merged } = lab.store.snapshots.create('stray', undefined)
  lab.store.snapshots.mount('stray')
  writeFileSync(join(lab.root, 'containers/stray/log'), 'x')
  mkdirSync(join(lab.root, 'containers/foreign'))
  lab.db.run('DELETE FROM store_snapshots')
  await lab.reopen()
  await lab.reopen()
  assert.ok(!isMountPoint(merged))
  assert.deepEqual(readdirSync(join(lab.root, 'containers/stray')), ['log'])
  assert.ok(existsSync(join(lab.root, 'containers/foreign')))
})

test('a mounted snapshot is there after a restart', async () => {
  await using lab = await openStoreLab()
  const layer = await lab.unpack(archive(member('a', { content: 'x' })))
  lab.store.snapshots.create('box', layer.chainId)
  const view = lab.store.snapshots.mount('box')
  writeFileSync(join(view, 'written'), 'before')
  const store = await lab.reopen()
  assert.equal(store.snapshots.mount('box'), view)
  assert.deepEqual(readdirSync(view).sort(), ['a', 'written'])
  await store.snapshots.remove('box')
})

test('a removal that death has cut short is completed by the next one', async () => {
  await using lab = await openStoreLab()
  const { upper, merged } = lab.store.snapshots.create('box', undefined)
  lab.store.snapshots.mount('box')
  rmSync(upper, { recursive: true })
  const store = await lab.reopen()
  assert.equal(store.snapshots.get('box'), undefined)
  await lab.reopen()
  assert.ok(!isMountPoint(merged))
  assert.deepEqual(leftovers(lab.root), [])
})

test('the short link of a layer is made again when it is missing', async () => {
  await using lab = await openStoreLab()
  const layer = await lab.unpack(archive(member('a', { content: 'x' })))
  const [lower = ''] = lab.store.layers.lowers(layer.chainId)
  rmSync(lower)
  symlinkSync('nowhere', join(lab.root, 'l/stray'))
  const store = await lab.reopen()
  assert.ok(lstatSync(lower).isSymbolicLink())
  assert.ok(!existsSync(join(lab.root, 'l/stray')))
  store.snapshots.create('box', layer.chainId)
  assert.deepEqual(readdirSync(store.snapshots.mount('box')), ['a'])
})
