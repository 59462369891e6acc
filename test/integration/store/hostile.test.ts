import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { isKind, kindOf } from '../../../src/base/index.ts'
import { digestOf, MEDIA_TYPES } from '../../../src/oci/index.ts'
import { type TarSource, writeTar } from '../../../src/store/index.ts'
import { archive, hardlink, leftovers, member, openStoreLab, type StoreLab, symlink } from './store-lab.ts'
import { describeTree } from './tree-description.ts'

/** What must be refused as `invalid`; `up` is a path that leads to the folder outside from anywhere. */
const REFUSED: Readonly<Record<string, (up: string) => readonly TarSource[]>> = {
  'a name with ..': (up) => [member(`${up}/new`, { content: 'x' })],
  'a name that goes down and up again': (up) => [member(`a/b/${up}/new`, { content: 'x' })],
  'a folder with ..': (up) => [member(`${up}/new/`)],
  'a device with ..': (up) => [member(`${up}/new`, { type: 'block', major: 8, minor: 0 })],
  'a fifo with ..': (up) => [member(`${up}/new`, { type: 'fifo' })],
  'a symlink with .. in its name': (up) => [symlink(`${up}/new`, 'x')],
  'a hard link with .. in its name': (up) => [member('a', { content: 'x' }), hardlink(`${up}/new`, 'a')],
  'a hard link to ..': (up) => [hardlink('a', `${up}/canary`)],
  'a hard link through a link': (up) => [symlink('out', up), hardlink('a', 'out/canary')],
  'a hard link to a path of the host': () => [hardlink('a', '/etc/passwd')],
  'a hard link to the root': () => [hardlink('a', '/')],
  'a hard link to a folder': () => [member('d/'), hardlink('a', 'd')],
  'a whiteout with ..': (up) => [member(`${up}/.wh.canary`, { content: '' })],
  'a whiteout of ..': () => [member('a/.wh...', { content: '' })],
  'a whiteout of .': () => [member('a/.wh..', { content: '' })],
  'a whiteout of nothing': () => [member('a/.wh.', { content: '' })],
  'an opaque marker with ..': (up) => [member(`${up}/.wh..wh..opq`, { content: '' })],
  'a file as root': () => [member('./', { type: 'file' })],
  'a link as root': () => [symlink('.', '/etc')],
  'a name with a NUL': () => [
    member('n'.repeat(300), { content: '' }),
    member(`a\0b${'c'.repeat(300)}`, { content: '' }),
  ],
  'a link target with a NUL': () => [symlink('a', `b\0${'c'.repeat(120)}`)],
  'an owner beyond 32 bits': () => [member('a', { content: '', uid: 2 ** 40 })],
  'a device beyond 32 bits': () => [member('a', { type: 'block', major: 2 ** 40, minor: 0 })],
  'a part of a name that is too long': () => [member('x'.repeat(256), { content: '' })],
  'a name that is too long': () => [member(`${'x/'.repeat(2500)}y`, { content: '' })],
  'a file as folder': () => [member('a', { content: 'x' }), member('a/b', { content: 'x' })],
  'a loop of links': () => [symlink('a', 'b'), symlink('b', 'a'), member('a/c', { content: 'x' })],
  'a link to nowhere as folder': () => [symlink('a', 'nowhere'), member('a/b', { content: 'x' })],
}

for (const [name, sources] of Object.entries(REFUSED)) {
  test(`${name} is invalid and leaves nothing`, async () => {
    await using lab = await openStoreLab()
    const before = lab.describeOutside()
    const up = `${'../'.repeat(20)}${lab.outside.slice(1)}`
    const good = member('good', { content: 'before the bad one' })
    await assert.rejects(lab.unpack(archive(good, ...sources(up))), { kind: 'invalid' })
    assert.equal(lab.describeOutside(), before)
    assert.deepEqual(readdirSync(join(lab.root, 'layers')), ['empty'])
  })
}

test('links that lead outside end at the root of the layer', async () => {
  await using lab = await openStoreLab()
  const before = lab.describeOutside()
  const up = `${'../'.repeat(20)}${lab.outside.slice(1)}`
  const layer = await lab.unpack(
    archive(
      member('etc/'),
      symlink('absolute', '/etc'),
      member('absolute/passwd', { content: 'root of the layer' }),
      symlink('relative', '../../../../etc'),
      member('relative/shadow', { content: 'root of the layer' }),
      member('etc/link', { type: 'symlink', linkName: up }),
      member('/rooted', { content: 'a leading slash' }),
      symlink('final', `${lab.outside}/canary`),
      member('final', { content: 'replaces the link, not what it names' }),
    ),
  )
  assert.equal(lab.describeOutside(), before)
  const names = describeTree(lab.folderOf(layer)).map((line) => line.split(' ')[0])
  assert.deepEqual(names, [
    '.',
    './absolute',
    './etc',
    './etc/link',
    './etc/passwd',
    './etc/shadow',
    './final',
    './relative',
    './rooted',
  ])
})

test('archives that are cut off, damaged or no archives are refused and leave nothing', async () => {
  await using lab = await openStoreLab()
  const plain = await Array.fromAsync(archive(member('a', { content: 'x'.repeat(100_000) })))
  const bytes = Buffer.concat(plain)
  const gzip = gzipSync(bytes)
  const zstd = zstdCompressSync(bytes)
  const spoiled = Buffer.from(gzip)
  spoiled[spoiled.length - 5]! ^= 1
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['cut tar', bytes.subarray(0, 50_000), 'invalid'],
    ['cut gzip', gzip.subarray(0, gzip.length - 9), 'corrupt'],
    ['cut zstd', zstd.subarray(0, zstd.length - 3), 'corrupt'],
    ['spoiled gzip', spoiled, 'corrupt'],
    ['garbage after gzip magic', Buffer.concat([gzip.subarray(0, 10), Buffer.alloc(600, 7)]), 'corrupt'],
    ['no tar', Buffer.alloc(5000, 'text '), 'invalid'],
    ['bzip2', Buffer.concat([Buffer.from('BZh91AY&SY'), Buffer.alloc(600)]), 'unsupported'],
  ]
  for (const [name, content, kind] of cases) {
    const before = lab.describeOutside()
    await assert.rejects(lab.unpack(once(content)), (error) => kindOf(error) === kind, `${name} is ${kind}`)
    assert.equal(lab.describeOutside(), before, name)
  }
})

test('a blob that the disk has spoiled is corrupt, whatever it looks like now', async () => {
  await using lab = await openStoreLab()
  const good = Buffer.concat(await Array.fromAsync(archive(member('a', { content: 'hello' }))))
  for (const damage of [Buffer.from('x'), good.subarray(0, 700), Buffer.from(good).fill(0x62, 512, 513)]) {
    const { digest } = await lab.store.blobs.ingest(once(good))
    writeFileSync(lab.store.blobs.path(digest), damage)
    const unpacked = lab.store.layers.unpack({ digest, mediaType: MEDIA_TYPES.ociLayer }, {})
    await assert.rejects(unpacked, { kind: 'corrupt' })
    assert.throws(() => lab.store.blobs.read(digest), { kind: 'corrupt' })
    assert.deepEqual(leftovers(lab.root), [])
    lab.store.blobs.delete(digest)
  }
})

test('a file that is all hole takes no room, and one that no disk holds is invalid', async () => {
  await using lab = await openStoreLab()
  const layer = await lab.unpack(once(sparseArchive('1099511627776')))
  const { size, blocks } = statSync(join(lab.folderOf(layer), 'bomb'))
  assert.deepEqual({ size, blocks }, { size: 2 ** 40, blocks: 0 })
  await assert.rejects(lab.unpack(once(sparseArchive('9007199254740991'))), { kind: 'invalid' })
})

test('a diff id that is not the one expected is corrupt', async () => {
  await using lab = await openStoreLab()
  const { digest } = await lab.store.blobs.ingest(archive(member('a', { content: 'x' })))
  const unpacked = lab.store.layers.unpack({ digest, mediaType: MEDIA_TYPES.ociLayer }, { diffId: digestOf('other') })
  await assert.rejects(unpacked, { kind: 'corrupt' })
  assert.deepEqual(readdirSync(join(lab.root, 'layers')), ['empty'])
})

test('whatever an archive holds, nothing outside the layer is touched', async () => {
  await using lab = await openStoreLab()
  const before = lab.describeOutside()
  const tally = { unpacked: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(hostileMember(lab), { minLength: 1, maxLength: 12 }), async (sources) => {
      try {
        await lab.unpack(writeTar(sources))
        tally.unpacked += 1
      } catch (error) {
        if (!isKind(error, 'invalid')) throw error
        tally.refused += 1
      }
      assert.equal(lab.describeOutside(), before)
    }),
    { numRuns: 400 },
  )
  assert.ok(tally.unpacked > 20 && tally.refused > 20, JSON.stringify(tally))
  assert.ok(!existsSync('/slipway-escaped'))
})

test('whatever an archive holds, nothing outside the folder that it is copied into is touched', async () => {
  await using lab = await openStoreLab()
  const root = join(lab.path, 'data/copy')
  await fc.assert(
    fc.asyncProperty(fc.array(hostileMember(lab), { minLength: 1, maxLength: 12 }), async (sources) => {
      mkdirSync(join(root, 'in/side'), { recursive: true })
      const before = lab.describeOutside()
      try {
        await lab.store.trees.unpack(root, writeTar(sources), { path: '/in/side' })
      } catch (error) {
        if (!isKind(error, 'invalid')) throw error
      }
      assert.equal(lab.describeOutside(), before)
      await lab.store.trees.remove(root)
    }),
    { numRuns: 200 },
  )
})

/** Members made of the parts that escapes are made of. */
function hostileMember(lab: StoreLab): fc.Arbitrary<TarSource> {
  const out = lab.outside.slice(1)
  const part = fc.constantFrom(
    'a',
    'b',
    'c',
    'a',
    'b',
    '..',
    '.',
    '',
    'folder',
    'canary',
    '.wh.a',
    '.wh..wh..opq',
    '.wh...',
  )
  const local = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const outward = fc.constantFrom(
    `${'../'.repeat(15)}${out}`,
    `/${out}`,
    `/${out}/canary`,
    `${'../'.repeat(15)}${out}/canary`,
    '/',
    '..',
    '../..',
    '/slipway-escaped',
    `${'../'.repeat(15)}slipway-escaped`,
  )
  const name = fc.oneof({ weight: 5, arbitrary: local }, { weight: 1, arbitrary: outward })
  const target = fc.oneof(local, outward)
  return fc.oneof(
    name.map((at) => member(at, { content: 'hostile', mode: 0o4777, uid: 42 })),
    name.map((at) => member(at.endsWith('/') ? at : `${at}/`, { mode: 0o777, uid: 42 })),
    fc.tuple(name, target).map(([at, to]) => symlink(at, to)),
    fc.tuple(name, target).map(([at, to]) => hardlink(at, to)),
    name.map((at) => member(at, { type: 'character', major: 1, minor: 3 })),
    name.map((at) => member(at, { type: 'fifo', xattrs: new Map([['trusted.hostile', Buffer.from('x')]]) })),
  )
}

/** An archive of one file that is all hole and has that size. */
function sparseArchive(size: string): Buffer {
  const pax = ['GNU.sparse.map=', `GNU.sparse.size=${size}`]
    .map((record) => `${record.length + 4} ${record}\n`)
    .join('')
  const block = (typeflag: string, length: number): Buffer => {
    const header = Buffer.alloc(512)
    header.write('bomb', 0)
    header.write(length.toString(8).padStart(11, '0'), 124)
    header.fill(0x20, 148, 156)
    header.write(typeflag, 156)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return header
  }
  return Buffer.concat([block('x', pax.length), Buffer.from(pax.padEnd(512, '\0')), block('0', 0), Buffer.alloc(1024)])
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
