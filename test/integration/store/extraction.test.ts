import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  createReadStream,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { getXattr, makeNode, setTimes, setXattr } from '../../../src/kernel/index.ts'
import { digestOf } from '../../../src/oci/index.ts'
import { archive, hardlink, member, openStoreLab, symlink } from './store-lab.ts'
import { describeTree } from './tree-description.ts'

test('a layer is unpacked exactly as GNU tar does it, from every format', async () => {
  await using lab = await openStoreLab()
  const source = join(lab.path, 'source')
  makeEverything(source)
  const formats = [
    ['--format=posix', '--xattrs', '--xattrs-include=*'],
    ['--format=posix', '--xattrs', '--xattrs-include=*', '--sparse'],
    ['--format=gnu', '--sparse'],
  ]
  for (const [index, format] of formats.entries()) {
    const file = join(lab.path, `${index}.tar`)
    execFileSync('tar', [...format, '-C', source, '-cf', file, '.'])
    const expected = join(lab.path, `expected-${index}`)
    mkdirSync(expected)
    execFileSync('tar', ['--xattrs', '--xattrs-include=*', '--same-owner', '-C', expected, '-xpf', file])
    const layer = await lab.unpack(createReadStream(file))
    assert.deepEqual(describeTree(lab.folderOf(layer)), describeTree(expected), format.join(' '))
    assert.equal(layer.diffId, digestOf(readFileSync(file)))
    assert.ok(statSync(join(lab.folderOf(layer), 'sparse')).blocks < 6000, 'holes stay holes')
  }
})

test('gzip and zstd layers give the same tree as the plain archive', async () => {
  await using lab = await openStoreLab()
  const source = join(lab.path, 'source')
  makeEverything(source)
  const plain = execFileSync('tar', ['--format=posix', '-C', source, '-cf', '-', '.'], { maxBuffer: 1 << 28 })
  const half = plain.length >> 1
  const compressed = [
    gzipSync(plain),
    Buffer.concat([gzipSync(plain.subarray(0, half)), gzipSync(plain.subarray(half))]),
    zstdCompressSync(plain),
    Buffer.concat([zstdCompressSync(plain.subarray(0, half)), skippable(), zstdCompressSync(plain.subarray(half))]),
  ]
  const first = await lab.unpack(pieces(plain))
  const expected = describeTree(lab.folderOf(first))
  for (const bytes of compressed) {
    await lab.store.layers.sweep(new Set())
    const layer = await lab.unpack(pieces(bytes))
    assert.equal(layer.diffId, digestOf(plain))
    assert.equal(layer.blob.digest, digestOf(bytes))
    assert.deepEqual(describeTree(lab.folderOf(layer)), expected)
  }
})

test('names that are not UTF-8 and names of every length survive', async () => {
  await using lab = await openStoreLab()
  const odd = ['caf\udce9', 'd\udcff/', 'd\udcff/inside', 'x'.repeat(255), `${'y/'.repeat(300)}deep`]
  const sources = odd.map((name) => member(name, name.endsWith('/') ? {} : { content: name.slice(0, 3) }))
  const layer = await lab.unpack(
    archive(...sources, symlink('link\udcfe', 'to\udcfd'), hardlink('h\udcfc', 'caf\udce9')),
  )
  const lines = describeTree(lab.folderOf(layer), { times: false }).join('\n')
  for (const name of ['./caf\xe9 ', './d\xff ', './d\xff/inside ', './link\xfe ', './h\xfc '])
    assert.ok(lines.includes(name), name)
  assert.ok(lines.includes('to\xfd'))
})

test('whiteouts hide what is below and opaque folders all of it', async () => {
  await using lab = await openStoreLab()
  const base = await lab.unpack(
    archive(
      member('keep/'),
      member('keep/gone', { content: 'x' }),
      member('keep/stays', { content: 'x' }),
      member('opaque/'),
      member('opaque/lower', { content: 'x' }),
      member('again/'),
      member('again/lower', { content: 'x' }),
      member('file', { content: 'x' }),
    ),
  )
  const upper = await lab.unpack(
    archive(
      member('keep/'),
      member('keep/.wh.gone', { content: '' }),
      member('opaque/'),
      member('opaque/upper', { content: 'y' }),
      member('opaque/.wh..wh..opq', { content: '' }),
      member('.wh.again', { content: '' }),
      member('again/'),
      member('again/upper', { content: 'y' }),
      member('.wh.file', { content: '' }),
      member('.wh..wh.plnk/', {}),
      member('.wh..wh.aufs', { content: '' }),
    ),
    base.chainId,
  )
  lab.store.snapshots.create('view', upper.chainId)
  const view = lab.store.snapshots.mount('view')
  const names = describeTree(view, { times: false }).map((line) => line.split(' ')[0])
  assert.deepEqual(names, ['.', './again', './again/upper', './keep', './keep/stays', './opaque', './opaque/upper'])
  await lab.store.snapshots.remove('view')
})

test('what a layer takes from below has the metadata it has there', async () => {
  await using lab = await openStoreLab()
  const base = await lab.unpack(
    archive(
      member('tmp/', { mode: 0o1777, uid: 5, gid: 6, xattrs: new Map([['user.a', Buffer.from('b')]]) }),
      member('data', { content: 'shared', mode: 0o4711, uid: 7, xattrs: new Map([['user.c', Buffer.from('d')]]) }),
    ),
  )
  const upper = await lab.unpack(
    archive(member('tmp/new', { content: 'x' }), member('other/new', { content: 'x' }), hardlink('tight', 'data')),
    base.chainId,
  )
  const [, data, other] = describeTree(lab.folderOf(upper))
  const below = describeTree(lab.folderOf(base))
  assert.match(`${other}`, /^\.\/other 40755 0 0 /)
  assert.equal(
    describeTree(lab.folderOf(upper)).find((line) => line.startsWith('./tmp ')),
    below.find((line) => line.startsWith('./tmp ')),
  )
  assert.match(`${data}`, /^\.\/data 104711 7 0 .* user\.c 64$/)
  assert.equal(readFileSync(join(lab.folderOf(upper), 'tight'), 'utf8'), 'shared')
  assert.equal(upper.size, 2)
})

test('a hard link to what a lower layer has deleted is invalid', async () => {
  await using lab = await openStoreLab()
  const base = await lab.unpack(archive(member('data', { content: 'x' })))
  const gone = await lab.unpack(archive(member('.wh.data', { content: '' })), base.chainId)
  await assert.rejects(lab.unpack(archive(hardlink('tight', 'data')), gone.chainId), { kind: 'invalid' })
})

test('later members replace earlier ones of any type', async () => {
  await using lab = await openStoreLab()
  const layer = await lab.unpack(
    archive(
      member('a', { content: 'file first' }),
      member('a/'),
      member('a/in', { content: 'x' }),
      member('b/'),
      member('b/in', { content: 'x' }),
      member('b', { content: 'folder first' }),
      symlink('c', '/etc'),
      member('c', { content: 'link first' }),
      member('d', { content: 'one' }),
      member('d', { content: 'two, longer' }),
      member('e/', { mode: 0o700 }),
      member('e/kept', { content: 'x' }),
      member('e/', { mode: 0o711 }),
    ),
  )
  const lines = describeTree(lab.folderOf(layer), { times: false }).map((line) => line.split(' ').slice(0, 2).join(' '))
  assert.deepEqual(lines, [
    '. 40755',
    './a 40755',
    './a/in 100644',
    './b 100644',
    './c 100644',
    './d 100644',
    './e 40711',
    './e/kept 100644',
  ])
  assert.equal(readFileSync(join(lab.folderOf(layer), 'd'), 'utf8'), 'two, longer')
})

test('attributes that steer overlayfs are not taken from an archive', async () => {
  await using lab = await openStoreLab()
  const xattrs = new Map([
    ['trusted.overlay.opaque', Buffer.from('y')],
    ['trusted.overlay.redirect', Buffer.from('/etc')],
    ['trusted.other', Buffer.from('kept')],
    ['unknown.kind', Buffer.from('left out')],
  ])
  const layer = await lab.unpack(archive(member('folder/', { xattrs })))
  const path = join(lab.folderOf(layer), 'folder')
  assert.equal(getXattr(path, 'trusted.overlay.opaque'), undefined)
  assert.equal(getXattr(path, 'trusted.overlay.redirect'), undefined)
  assert.equal(getXattr(path, 'trusted.other')?.toString(), 'kept')
})

test('two who want one layer at the same time share the work, and one who gives up does not stop the other', async () => {
  await using lab = await openStoreLab()
  const { digest } = await lab.store.blobs.ingest(archive(member('big', { content: Buffer.alloc(40 << 20, 1) })))
  const blob = { digest, mediaType: 'application/vnd.oci.image.layer.v1.tar' }
  const giveUp = new AbortController()
  const both = Promise.all([
    lab.store.layers.unpack(blob, {}),
    assert.rejects(lab.store.layers.unpack(blob, { signal: giveUp.signal }), { kind: 'cancelled' }),
  ])
  giveUp.abort()
  const [layer] = await both
  assert.deepEqual(lab.store.layers.get(layer.chainId), layer)
  const alone = new AbortController()
  await lab.store.layers.sweep(new Set())
  const cancelled = assert.rejects(lab.store.layers.unpack(blob, { signal: alone.signal }), { kind: 'cancelled' })
  alone.abort()
  await cancelled
  assert.equal(lab.store.layers.get(layer.chainId), undefined)
})

function makeEverything(path: string): void {
  mkdirSync(join(path, 'folder'), { recursive: true })
  writeFileSync(join(path, 'folder/inside'), 'inside')
  writeFileSync(join(path, 'set-user-id'), 'x')
  execFileSync('chown', ['1234:4321', join(path, 'set-user-id')])
  chmodSync(join(path, 'set-user-id'), 0o6755)
  chmodSync(join(path, 'folder'), 0o2770)
  writeFileSync(join(path, 'big'), Buffer.from(Array.from({ length: 1_000_003 }, (_, index) => (index * 7) % 253)))
  writeFileSync(join(path, 'no-permissions'), 'secret', { mode: 0 })
  linkSync(join(path, 'big'), join(path, 'folder/tight'))
  symlinkSync('../outside/../somewhere', join(path, 'link'))
  lutimesSync(join(path, 'link'), 1_500_000_000, 1_500_000_000)
  makeNode(join(path, 'block'), { mode: 0o060640, major: 7, minor: 300 })
  makeNode(join(path, 'character'), { mode: 0o020666, major: 1, minor: 3 })
  makeNode(join(path, 'pipe'), { mode: 0o010600 })
  writeFileSync(join(path, `${'long'.repeat(60)}`), 'a name of 240 bytes')
  writeFileSync(join(path, 'snow-☃'), 'UTF-8')
  writeFileSync(join(path, 'attributes'), '')
  setXattr(join(path, 'attributes'), 'user.binary', Buffer.from([0, 10, 61, 255]))
  setXattr(join(path, 'attributes'), 'trusted.note', Buffer.from('t'))
  setXattr(
    join(path, 'attributes'),
    'security.capability',
    Buffer.from('0100000200200000000000000000000000000000', 'hex'),
  )
  const sparse = openSync(join(path, 'sparse'), 'w')
  for (let at = 0; at < 6; at += 1) writeSync(sparse, Buffer.alloc(4096, 65 + at), 0, 4096, at << 20)
  ftruncateSync(sparse, 12 << 20)
  closeSync(sparse)
  setTimes(join(path, 'folder/inside'), { mtime: 1_600_000_000_123_456_789n })
  setTimes(join(path, 'folder'), { mtime: 1_600_000_001_000_000_001n })
}

function skippable(): Buffer {
  return Buffer.from('502a4d180400000001020304', 'hex')
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 60_000) yield bytes.subarray(at, at + 60_000)
}
