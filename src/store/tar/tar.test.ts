import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { SlipwayError } from '../../base/index.ts'
import type { TarEntry } from '../contract.ts'
import { decodeName, encodeName, memberPath } from './name.ts'
import { readTar } from './reader.ts'
import { type TarSource, writeTar } from './writer.ts'

interface Read {
  readonly entry: TarEntry
  readonly body: Buffer
}

test('archives of GNU tar are read in every format and in pieces of every size', async () => {
  using folder = makeTree()
  for (const options of [
    ['--format=gnu'],
    ['--format=posix'],
    ['--format=oldgnu', '--sparse'],
    ['--format=gnu', '--sparse'],
    ['--format=posix', '--sparse', '--sparse-version=0.0'],
    ['--format=posix', '--sparse', '--sparse-version=0.1'],
    ['--format=posix', '--sparse', '--sparse-version=1.0'],
  ]) {
    const archive = execFileSync('tar', [...options, '-C', folder.path, '-cf', '-', '.'], { maxBuffer: 1 << 28 })
    for (const size of [archive.length, 100_003, 512, 511]) {
      const members = await readAll(pieces(archive, size))
      assert.equal(members.size, 11, `${options} in pieces of ${size}`)
      for (const { entry, body } of members.values()) compareToDisk(folder.path, { entry, body })
    }
  }
})

test('a v7 archive is read, folders known by their slash', async () => {
  using folder = makeTree()
  const archive = execFileSync('tar', ['--format=v7', '-C', folder.path, '-cf', '-', 'small', 'folder'])
  const members = await readAll(pieces(archive, 1000))
  assert.deepEqual([...members.keys()], ['small', 'folder/', 'folder/inside'])
  assert.equal(members.get('folder/')?.entry.type, 'directory')
})

test('what is written is read back as it was, and GNU tar reads it too', async () => {
  const long = `${'d'.repeat(60)}/${'e'.repeat(70)}/${'f'.repeat(90)}`
  const sources = [
    file('plain', 'hello'),
    file(long, 'x'.repeat(512)),
    file(`${'n'.repeat(200)}`, ''),
    file('ünï/☃', 'snow'),
    { entry: entry('folder/', 'directory', { mode: 0o1777, mtime: 1_700_000_000_123_456_789n }) },
    { entry: entry('link', 'symlink', { linkName: 'l'.repeat(150) }) },
    { entry: entry('hard', 'hardlink', { linkName: 'plain' }) },
    { entry: entry('device', 'block', { major: 7, minor: 300 }) },
    { entry: entry('huge-device', 'character', { major: 4095, minor: 1_048_575 }) },
    { entry: entry('pipe', 'fifo', { uid: 3_000_000, gid: 2_097_151, mtime: -1_500_000_000n }) },
    {
      ...file('attributes', 'a'),
      entry: entry('attributes', 'file', {
        size: 1,
        mode: 0o4755,
        xattrs: new Map([
          ['user.binary', Buffer.from([0, 10, 61, 255])],
          ['user.empty', Buffer.alloc(0)],
        ]),
        uname: 'somebody',
        gname: 'g'.repeat(40),
      }),
    },
  ] satisfies TarSource[]
  const archive = await collect(writeTar(sources))
  const members = await readAll(pieces(archive, 700))
  assert.deepEqual(
    [...members.values()].map((member) => member.entry),
    sources.map((source) => source.entry),
  )
  const listed = execFileSync('tar', ['-tf', '-', '--quoting-style=literal', '--show-transformed-names'], {
    input: archive,
  })
  assert.deepEqual(
    listed.toString().trimEnd().split('\n'),
    sources.map((source) => source.entry.name),
  )
})

test('a body that is not as long as announced destroys the archive', async () => {
  for (const body of ['', 'hell', 'hello!']) {
    await assert.rejects(collect(writeTar([{ ...file('a', 'hello'), body: Buffer.from(body) }])))
  }
})

test('a body that is not read is skipped, and leaving early closes the source', async () => {
  const archive = await collect(writeTar([file('a', 'x'.repeat(5000)), file('b', 'y')]))
  const names: string[] = []
  for await (const { entry } of readTar(pieces(archive, 100))) names.push(entry.name)
  assert.deepEqual(names, ['a', 'b'])
  let closed = false
  async function* source(): AsyncGenerator<Buffer> {
    try {
      yield archive.subarray(0, 1024)
      yield archive.subarray(1024)
    } finally {
      closed = true
    }
  }
  for await (const _ of readTar(source())) break
  assert.ok(closed)
})

test('an archive that is cut off anywhere but between members is invalid', async () => {
  const archive = await collect(writeTar([file('n'.repeat(150), 'x'.repeat(600)), file('b', 'y')]))
  for (let length = 1; length < archive.length - 1024; length += 37) {
    const cut = readAll(pieces(archive.subarray(0, length), 512))
    await assert.rejects(cut, { kind: 'invalid' }, `${length} bytes`)
  }
})

test('headers that lie are invalid', async () => {
  const archive = await collect(writeTar([file('a', 'hello')]))
  const patched = (change: (header: Buffer) => void): Buffer => {
    const copy = Buffer.from(archive)
    change(copy)
    copy.fill(0x20, 148, 156)
    const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    return copy
  }
  const cases: readonly (readonly [string, Buffer])[] = [
    ['checksum', Buffer.concat([Buffer.from('b'), archive.subarray(1)])],
    ['not octal', patched((header) => header.write('12x4', 124, 'latin1'))],
    ['negative size', patched((header) => header.fill(0xff, 124, 136))],
    ['size beyond 2^53', patched((header) => header.fill(0x80, 124, 136).fill(0x7f, 125, 136))],
    ['unknown type', patched((header) => header.write('M', 156, 'latin1'))],
    [
      'huge extended header',
      patched((header) => header.write('x', 156).toString() && header.write('77777777777', 124)),
    ],
    ['broken extended header', patched((header) => header.write('x', 156))],
    ['no tar at all', Buffer.alloc(2048, 'text ')],
  ]
  for (const [name, bytes] of cases) await assert.rejects(readAll(pieces(bytes, 512)), { kind: 'invalid' }, name)
})

test('sparse maps that lie are invalid', async () => {
  const maps = ['0,5,3,2', '0,4', '4,1,0,4', '0,-1,0,6', '0,5,x', '0', '0,99999999999999999999', '100,5', '0,6']
  for (const map of maps) {
    const pax = record('GNU.sparse.map', map) + record('GNU.sparse.size', '50')
    const archive = Buffer.concat([paxHeader(pax), await collect(writeTar([file('a', 'hello')]))])
    await assert.rejects(readAll(pieces(archive, 512)), { kind: 'invalid' }, map)
  }
  const pax = record('GNU.sparse.map', '10,5') + record('GNU.sparse.size', '20')
  const good = Buffer.concat([paxHeader(pax), await collect(writeTar([file('a', 'hello')]))])
  const read = await readAll(pieces(good, 512))
  assert.equal(read.get('a')?.body.toString('latin1'), `${'\0'.repeat(10)}hello${'\0'.repeat(5)}`)
})

test('any damage to an archive gives members or invalid, never anything else', async () => {
  using folder = makeTree()
  const archives = ['--format=gnu', '--format=posix'].map((format) =>
    execFileSync('tar', [format, '-S', '-C', folder.path, '-cf', '-', 'sparse', 'small', 'folder', 'n'.repeat(140)]),
  )
  const damage = fc.array(fc.tuple(fc.nat(12_000), fc.nat(255)), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...archives), damage, async (archive, changes) => {
      const copy = Buffer.from(archive)
      for (const [at, value] of changes) copy[at % copy.length] = value
      for (let at = 0; at < copy.length; at += 512)
        if (copy[at + 257] === 0x75) fixChecksum(copy.subarray(at, at + 512))
      try {
        for await (const { entry } of readTar(pieces(copy, 4096))) assert.ok(entry.size >= 0)
      } catch (error) {
        if (!(error instanceof SlipwayError && error.kind === 'invalid')) throw error
      }
    }),
    { numRuns: 500 },
  )
})

test('names survive whatever bytes they have', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(encodeName(decodeName(bytes)), Buffer.from(bytes))
    }),
  )
  assert.equal(decodeName(Buffer.from('caf\xe9', 'latin1')), 'caf\udce9')
})

test('names that lead outside are invalid, others are made plain', () => {
  const cases = [
    ['a', 'a'],
    ['./a', 'a'],
    ['/a/b/', 'a/b'],
    ['a//b/./c', 'a/b/c'],
    ['a/../b', 'b'],
    ['.', ''],
    ['./', ''],
    ['/', ''],
    ['', ''],
    ['..a/...', '..a/...'],
    ['a/..', ''],
  ] as const
  for (const [name, expected] of cases) assert.equal(memberPath(name), expected, name)
  for (const name of ['..', '../a', '/..', 'a/../../b', './../x', 'a\0b', 'x'.repeat(5000)]) {
    assert.throws(() => memberPath(name), { kind: 'invalid' }, name)
  }
})

function makeTree(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'slipway-tar-'))
  mkdirSync(join(path, 'folder'))
  writeFileSync(join(path, 'folder/inside'), 'inside')
  writeFileSync(join(path, 'small'), 'hello', { mode: 0o600 })
  writeFileSync(join(path, 'empty'), '')
  writeFileSync(join(path, 'block'), 'x'.repeat(512))
  writeFileSync(join(path, 'n'.repeat(140)), 'long name')
  symlinkSync('t'.repeat(130), join(path, 'link'))
  linkSync(join(path, 'small'), join(path, 'tight'))
  writeFileSync(join(path, 'bytes'), Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251)))
  const sparse = openSync(join(path, 'sparse'), 'w')
  for (let at = 0; at < 30; at += 1) writeSync(sparse, Buffer.alloc(4096, 65 + at), 0, 4096, at * 65_536)
  closeSync(sparse)
  truncateSync(join(path, 'sparse'), 3_000_000)
  utimesSync(join(path, 'small'), 1_600_000_000, 1_600_000_000)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

function compareToDisk(root: string, { entry, body }: Read): void {
  const path = join(root, entry.name)
  const stat = lstatSync(path, { bigint: true })
  if (entry.type === 'hardlink') return
  assert.equal(entry.mode, Number(stat.mode & 0o7777n), entry.name)
  assert.equal(entry.uid, Number(stat.uid))
  assert.equal(entry.mtime / 1_000_000_000n, stat.mtimeNs / 1_000_000_000n)
  assert.equal(entry.type, stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : 'file')
  if (entry.type === 'file') assert.ok(body.equals(readFileSync(path)), `contents of ${entry.name}`)
}

async function readAll(source: AsyncIterable<Buffer>): Promise<Map<string, Read>> {
  const members = new Map<string, Read>()
  for await (const { entry, body } of readTar(source)) members.set(entry.name, { entry, body: await collect(body) })
  return members
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

function entry(name: string, type: TarEntry['type'], more: Partial<TarEntry> = {}): TarEntry {
  return { name, type, mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 1_700_000_000_000_000_000n, ...more }
}

function file(name: string, content: string): TarSource & { readonly entry: TarEntry } {
  const body = Buffer.from(content)
  return { entry: entry(name, 'file', { size: body.length }), body }
}

function record(key: string, value: string): string {
  const rest = key.length + value.length + 3
  return `${rest + String(rest + 2).length} ${key}=${value}\n`
}

function paxHeader(pax: string): Buffer {
  const block = Buffer.alloc(512)
  block.write('x', 0)
  block.write(`${pax.length.toString(8).padStart(11, '0')}`, 124)
  block.write('x', 156)
  fixChecksum(block)
  return Buffer.concat([block, Buffer.from(pax), Buffer.alloc((512 - (pax.length % 512)) % 512)])
}

function fixChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}
