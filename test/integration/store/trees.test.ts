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
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bindMount, unmount } from '../../../src/kernel/index.ts'
import { readTar } from '../../../src/store/index.ts'
import { archive, member, openStoreLab, symlink } from './store-lab.ts'
import { describeTree } from './tree-description.ts'

test('a packed tree is unpacked by GNU tar and by us into the same tree', async () => {
  await using lab = await openStoreLab()
  const source = join(lab.path, 'source')
  makeTree(source)
  const bytes = await buffer(lab.store.trees.pack(source))
  const [ours, theirs] = [join(lab.path, 'ours'), join(lab.path, 'theirs')]
  for (const folder of [ours, theirs]) mkdirSync(folder)
  execFileSync('tar', ['-C', theirs, '-xpf', '-'], { input: bytes })
  await lab.store.trees.unpack(ours, once(gzipSync(bytes)))
  assert.deepEqual(describeTree(ours).slice(1), describeTree(source).slice(1))
  assert.deepEqual(describeTree(theirs).slice(1), describeTree(source).slice(1))
})

test('one path is packed under the name asked for, links above it followed inside the root', async () => {
  await using lab = await openStoreLab()
  const source = join(lab.path, 'source')
  makeTree(source)
  symlinkSync('/folder', join(source, 'absolute'))
  symlinkSync('../../../folder', join(source, 'relative'))
  const names = async (options: { path: string; name: string }): Promise<readonly string[]> =>
    (await Array.fromAsync(readTar(lab.store.trees.pack(source, options)))).map(({ entry }) => entry.name)
  assert.deepEqual(await names({ path: 'folder', name: 'as' }), ['as/', 'as/deep/', 'as/deep/file', 'as/file'])
  for (const path of ['absolute/file', 'relative/file', '../../folder/file', '/folder/deep/../file']) {
    assert.deepEqual(await names({ path, name: 'x' }), ['x'], path)
  }
  assert.deepEqual(await names({ path: 'absolute', name: 'link' }), ['link'])
  await assert.rejects(names({ path: 'absent', name: 'x' }), { kind: 'not-found' })
  await assert.rejects(buffer(lab.store.trees.pack(join(lab.path, 'absent'))), { kind: 'not-found' })
})

test('an archive goes into the folder that the path names inside the root', async () => {
  await using lab = await openStoreLab()
  const before = lab.describeOutside()
  const root = join(lab.root, 'box')
  mkdirSync(join(root, 'etc'), { recursive: true })
  symlinkSync(lab.outside, join(root, 'out'))
  symlinkSync('/etc', join(root, 'inside'))
  const { trees } = lab.store
  await trees.unpack(root, archive(member('./', { mode: 0o700 }), member('a', { content: '1' })), { path: 'inside' })
  assert.equal(readFileSync(join(root, 'etc/a'), 'utf8'), '1')
  assert.match(`${describeTree(join(root, 'etc'))[0]}`, /^\. 40755 /)
  await assert.rejects(trees.unpack(root, archive(), { path: 'out' }), { kind: 'not-found' })
  await assert.rejects(trees.unpack(root, archive(), { path: 'etc/a' }), { kind: 'invalid' })
  await trees.unpack(root, archive(member('own', { content: '2', uid: 5 })), { owner: { uid: 7, gid: 8 } })
  assert.ok(describeTree(root, { times: false }).some((line) => line.startsWith('./own 100644 7 8 ')))
  rmSync(root, { recursive: true })
  assert.equal(lab.describeOutside(), before)
})

test('with keepTypes a folder is not replaced by a file, nor the reverse', async () => {
  await using lab = await openStoreLab()
  const root = join(lab.root, 'box')
  mkdirSync(join(root, 'folder'), { recursive: true })
  writeFileSync(join(root, 'file'), 'x')
  for (const hostile of [member('folder', { content: 'x' }), member('file/'), symlink('folder', 'x')]) {
    await assert.rejects(lab.store.trees.unpack(root, archive(hostile), { keepTypes: true }), {
      kind: 'invalid',
      message: /cannot overwrite (non-)?directory/,
    })
  }
  await lab.store.trees.unpack(root, archive(member('folder/'), member('file', { content: 'y' })), { keepTypes: true })
  assert.equal(readFileSync(join(root, 'file'), 'utf8'), 'y')
  await lab.store.trees.unpack(root, archive(member('file/')))
  assert.deepEqual(readdirSync(join(root, 'file')), [])
})

test('slow sources and slow readers hold up nobody, and end when they are given up', async () => {
  await using lab = await openStoreLab()
  const source = join(lab.path, 'source')
  makeTree(source)
  const root = join(lab.root, 'box')
  mkdirSync(root)
  const stop = new AbortController()
  const stuck = Array.from({ length: 4 }, async () =>
    lab.store.trees.unpack(root, neverEnding(stop.signal), { signal: stop.signal }),
  )
  const unread = Array.from({ length: 4 }, () => lab.store.trees.pack(source))
  for (const stream of unread) stream.read(0)
  assert.ok((await lab.store.trees.usage(source)) > 2_000_000)
  const layer = await lab.unpack(archive(member('a', { content: 'x' })))
  assert.ok(layer.chainId)
  for (const stream of unread) stream.destroy()
  stop.abort()
  for (const outcome of await Promise.allSettled(stuck)) assert.equal(outcome.status, 'rejected')
})

test('closing the store ends what is under way', async () => {
  await using lab = await openStoreLab()
  const root = join(lab.root, 'box')
  const other = join(lab.root, 'other')
  for (const folder of [root, other]) mkdirSync(folder)
  const stop = new AbortController()
  const stuck = assert.rejects(lab.store.trees.unpack(root, neverEnding(stop.signal)), { kind: 'cancelled' })
  assert.equal(await lab.store.trees.usage(other), 0)
  await lab.store.close()
  stop.abort()
  await stuck
  await assert.rejects(lab.store.trees.usage(other), { kind: 'unavailable' })
})

test('a source that fails fails the unpacking with its own error', async () => {
  await using lab = await openStoreLab()
  const root = join(lab.root, 'box')
  mkdirSync(root)
  async function* failing(): AsyncGenerator<Buffer> {
    yield* archive(member('a', { content: 'x' }))
    throw new Error('the client has gone')
  }
  await assert.rejects(lab.store.trees.unpack(root, failing()), { message: 'the client has gone' })
})

test('a tree of any depth with any names is removed, links in it are not followed', async () => {
  await using lab = await openStoreLab()
  const before = lab.describeOutside()
  const tree = join(lab.root, 'tree')
  mkdirSync(tree)
  nestDeeply(tree)
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]), 'x')
  for (let index = 0; index < 2000; index += 1) writeFileSync(join(tree, `${index}`), '')
  symlinkSync(lab.outside, join(tree, 'out'))
  linkSync(join(tree, '1'), join(tree, 'tight'))
  assert.equal(await lab.store.trees.usage(tree), 1 + lab.outside.length)
  await lab.store.trees.remove(tree)
  assert.ok(!existsSync(tree))
  await lab.store.trees.remove(tree)
  symlinkSync(lab.outside, tree)
  assert.equal(await lab.store.trees.usage(tree), 0)
  await lab.store.trees.remove(tree)
  assert.equal(lab.describeOutside(), before)
})

test('removal stops at what is mounted in the tree', async () => {
  await using lab = await openStoreLab()
  const before = describeTree(lab.outside)
  const tree = join(lab.root, 'tree')
  mkdirSync(join(tree, 'a/mounted'), { recursive: true })
  bindMount({ source: lab.outside, target: join(tree, 'a/mounted') })
  await assert.rejects(lab.store.trees.remove(tree), { code: 'EBUSY' })
  assert.deepEqual(describeTree(lab.outside), before)
  await unmount(join(tree, 'a/mounted'))
  await lab.store.trees.remove(tree)
  assert.ok(!existsSync(tree))
})

test('a tree that changes while it is packed gives a whole archive', async () => {
  await using lab = await openStoreLab()
  const source = join(lab.path, 'source')
  mkdirSync(source)
  for (let index = 0; index < 40; index += 1) writeFileSync(join(source, `f${index}`), Buffer.alloc(200_000, 65))
  let count = 0
  for await (const { entry, body } of readTar(lab.store.trees.pack(source))) {
    const size = (await Array.fromAsync(body)).reduce((total, bytes) => total + bytes.length, 0)
    assert.equal(size, entry.size)
    count += 1
    if (count === 2) {
      for (let index = 20; index < 30; index += 1) truncateSync(join(source, `f${index}`), 10)
      for (let index = 30; index < 35; index += 1) rmSync(join(source, `f${index}`))
      renameSync(join(source, 'f39'), join(source, 'moved'))
    }
  }
  assert.ok(count >= 34)
})

function makeTree(path: string): void {
  mkdirSync(join(path, 'folder/deep'), { recursive: true })
  writeFileSync(join(path, 'folder/file'), 'file')
  writeFileSync(join(path, 'folder/deep/file'), 'deep', { mode: 0o640 })
  writeFileSync(join(path, 'large'), Buffer.alloc(2_000_000, 'ab'))
  writeFileSync(join(path, 'ünï-☃'), 'x')
  writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0x63, 0xe9])]), 'latin')
  linkSync(join(path, 'large'), join(path, 'tight'))
  symlinkSync('/nowhere', join(path, 'link'))
  execFileSync('mkfifo', [join(path, 'pipe')])
}

/** Nests folders deeper than any path can be long, by moving what is there to the bottom of the next. */
function nestDeeply(tree: string): void {
  const part = 'd'.repeat(40)
  writeFileSync(join(tree, 'deep'), 'bottom')
  for (let round = 0; round < 5; round += 1) {
    const bottom = join(tree, 'next', ...Array<string>(80).fill(part))
    mkdirSync(bottom, { recursive: true })
    renameSync(join(tree, 'deep'), join(bottom, part))
    renameSync(join(tree, 'next'), join(tree, 'deep'))
  }
}

async function* neverEnding(signal: AbortSignal): AsyncGenerator<Buffer> {
  yield* archive(member('a', { content: 'x'.repeat(100_000) }))
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
