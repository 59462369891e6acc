import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isMountPoint, listMounts, makeNode, setXattr } from '../../../src/kernel/index.ts'
import type { ChainId } from '../../../src/oci/index.ts'
import { digestOf } from '../../../src/oci/index.ts'
import { archive, leftovers, member, openStoreLab, symlink } from './store-lab.ts'
import { describeTree } from './tree-description.ts'

test('a snapshot shows its layers, takes writes and gives them back as a layer', async () => {
  await using lab = await openStoreLab()
  const { store } = lab
  const base = await lab.unpack(
    archive(
      member('etc/', { mode: 0o751 }),
      member('etc/passwd', { content: 'root' }),
      member('etc/hosts', { content: 'hosts' }),
      member('lib/'),
      member('lib/one', { content: '1' }),
      symlink('link', 'etc'),
      member('moved/'),
      member('moved/inside', { content: 'in' }),
    ),
  )
  const { upper } = store.snapshots.create('box', base.chainId)
  const view = store.snapshots.mount('box')
  writeFileSync(join(view, 'etc/passwd'), 'changed')
  rmSync(join(view, 'etc/hosts'))
  rmSync(join(view, 'lib'), { recursive: true })
  mkdirSync(join(view, 'lib'))
  writeFileSync(join(view, 'lib/two'), '2')
  renameFolder(join(view, 'moved'), join(view, 'etc/moved'))
  linkSync(join(view, 'lib/two'), join(view, 'tight'))
  symlinkSync('/nowhere', join(view, 'new-link'))
  makeNode(join(view, 'pipe'), { mode: 0o010644 })
  setXattr(join(view, 'lib/two'), 'user.note', Buffer.from([1, 0, 2]))
  execFileSync('chown', ['-h', '12:34', join(view, 'new-link')])
  const seen = describeTree(view).slice(1)
  const before = describeTree(upper)
  const layer = await store.layers.fromUpper(upper, { parent: base.chainId })
  assert.deepEqual(describeTree(upper), before, 'the upper folder is not changed')
  assert.equal(layer.diffId, layer.blob.digest)
  store.snapshots.create('copy', layer.chainId)
  assert.deepEqual(describeTree(store.snapshots.mount('copy')).slice(1), seen)
  await store.snapshots.remove('copy')
  await store.snapshots.remove('box')
  const { digest } = layer.blob
  await store.layers.sweep(new Set([base.chainId]))
  const again = await store.layers.unpack({ digest, mediaType: layer.blob.mediaType }, { parent: base.chainId })
  assert.equal(again.chainId, layer.chainId)
  store.snapshots.create('again', again.chainId)
  assert.deepEqual(describeTree(store.snapshots.mount('again')).slice(1), seen)
  await store.snapshots.remove('again')
  assert.deepEqual(leftovers(lab.root), [])
})

test('an upper folder without changes gives the empty layer of everybody', async () => {
  await using lab = await openStoreLab()
  const { upper } = lab.store.snapshots.create('box', undefined)
  const layer = await lab.store.layers.fromUpper(upper, {})
  assert.equal(layer.diffId, digestOf(Buffer.alloc(1024)))
  assert.equal(layer.size, 0)
})

test('a snapshot without layers is an empty folder', async () => {
  await using lab = await openStoreLab()
  lab.store.snapshots.create('scratch', undefined)
  const view = lab.store.snapshots.mount('scratch')
  assert.deepEqual(readdirSync(view), [])
  writeFileSync(join(view, 'a'), 'x')
  await lab.store.snapshots.unmount('scratch')
  assert.deepEqual(readdirSync(view), [])
  assert.deepEqual(readdirSync(lab.store.snapshots.mount('scratch')), ['a'])
})

test('every step can be repeated', async () => {
  await using lab = await openStoreLab()
  const { snapshots } = lab.store
  const layer = await lab.unpack(archive(member('a', { content: 'x' })))
  const first = snapshots.create('box', layer.chainId)
  assert.deepEqual(snapshots.create('box', layer.chainId), first)
  assert.throws(() => snapshots.create('box', undefined), { kind: 'conflict' })
  assert.equal(snapshots.mount('box'), snapshots.mount('box'))
  assert.equal(listMounts().filter(({ target }) => target === first.merged).length, 1)
  await Promise.all([snapshots.unmount('box'), snapshots.unmount('box')])
  await snapshots.unmount('box')
  snapshots.mount('box')
  await Promise.all([snapshots.remove('box'), snapshots.remove('box')])
  await snapshots.remove('box')
  assert.equal(snapshots.get('box'), undefined)
  assert.throws(() => snapshots.mount('box'), { kind: 'not-found' })
})

test('names that are no folder names and layers that are not there are refused', async () => {
  await using lab = await openStoreLab()
  for (const key of ['', '.', '..', 'a/b', '../a', '-a', 'a\0', 'x'.repeat(256)]) {
    assert.throws(() => lab.store.snapshots.create(key, undefined), { kind: 'invalid' }, key)
  }
  assert.throws(() => lab.store.snapshots.create('box', digestOf('none') as ChainId), { kind: 'not-found' })
  assert.deepEqual(leftovers(lab.root), [])
})

test('a folder that was mounted volatile can be mounted again', async () => {
  await using lab = await openStoreLab()
  const { snapshots } = lab.store
  snapshots.create('box', undefined)
  writeFileSync(join(snapshots.mount('box', { volatile: true }), 'a'), 'x')
  await snapshots.unmount('box')
  assert.deepEqual(readdirSync(snapshots.mount('box')), ['a'])
  await snapshots.unmount('box')
  assert.deepEqual(readdirSync(snapshots.mount('box', { volatile: true })), ['a'])
})

test('removing takes what others keep beside a snapshot for theirs', async () => {
  await using lab = await openStoreLab()
  lab.store.snapshots.create('box', undefined)
  const folder = join(lab.root, 'containers/box')
  writeFileSync(join(folder, 'log'), 'of another room')
  await lab.store.snapshots.remove('box')
  assert.deepEqual(readdirSync(folder), ['log'])
  assert.equal(readFileSync(join(folder, 'log'), 'utf8'), 'of another room')
})

test('usage counts the writable layer alone, each inode once', async () => {
  await using lab = await openStoreLab()
  const layer = await lab.unpack(archive(member('a', { content: 'x'.repeat(1000) })))
  lab.store.snapshots.create('box', layer.chainId)
  const view = lab.store.snapshots.mount('box')
  assert.equal(await lab.store.snapshots.usage('box'), 0)
  mkdirSync(join(view, 'folder'))
  writeFileSync(join(view, 'folder/b'), 'y'.repeat(300))
  linkSync(join(view, 'folder/b'), join(view, 'tight'))
  assert.equal(await lab.store.snapshots.usage('box'), 300)
})

test('a stack of two hundred layers is mounted', async () => {
  await using lab = await openStoreLab()
  let chainId: ChainId | undefined
  for (let index = 0; index < 200; index += 1) {
    const content = `${index}`
    chainId = (await lab.unpack(archive(member(`file-${index}`, { content }), member('top', { content })), chainId))
      .chainId
  }
  lab.store.snapshots.create('high', chainId)
  const view = lab.store.snapshots.mount('high')
  assert.equal(readdirSync(view).length, 201)
  assert.equal(readFileSync(join(view, 'top'), 'utf8'), '199')
  assert.ok(isMountPoint(view))
})

/** rename(2) of a folder of a lower layer fails with EXDEV, and programs copy instead. */
function renameFolder(from: string, to: string): void {
  assert.throws(() => renameSync(from, to), { code: 'EXDEV' })
  execFileSync('mv', [from, to])
  assert.ok(!existsSync(from) && statSync(to).isDirectory())
}
