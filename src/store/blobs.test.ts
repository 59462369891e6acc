import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { digestOf } from '../oci/index.ts'
import { createBlobs } from './blobs.ts'
import type { Blobs } from './contract.ts'
import { createStorePaths } from './paths.ts'

const HELLO = Buffer.from('hello')
const DIGEST = digestOf(HELLO)

test('content goes in whole and comes out whole or in part', async () => {
  using lab = openLab()
  const { blobs } = lab
  assert.equal(blobs.stat(DIGEST), undefined)
  assert.deepEqual(await blobs.ingest(pieces('hel', 'lo')), { digest: DIGEST, size: 5 })
  assert.deepEqual(await blobs.ingest(pieces('hello'), { digest: DIGEST, size: 5, limit: 5 }), {
    digest: DIGEST,
    size: 5,
  })
  assert.deepEqual(blobs.put(HELLO), { digest: DIGEST, size: 5 })
  assert.deepEqual(blobs.stat(DIGEST), { size: 5 })
  assert.deepEqual(blobs.list(), [DIGEST])
  assert.deepEqual(blobs.read(DIGEST), HELLO)
  assert.deepEqual(await buffer(blobs.open(DIGEST)), HELLO)
  assert.equal((await buffer(blobs.open(DIGEST, { start: 1, end: 3 }))).toString(), 'ell')
  assert.equal((await buffer(blobs.open(DIGEST, { start: 2 }))).toString(), 'llo')
  assert.ok(blobs.path(DIGEST).endsWith(DIGEST.slice(7)))
  assert.deepEqual(await blobs.ingest(pieces()), { digest: digestOf(''), size: 0 })
  const { digest } = blobs.put(Buffer.alloc(0))
  assert.equal(digest, digestOf(''))
  blobs.delete(DIGEST)
  blobs.delete(DIGEST)
  assert.equal(blobs.stat(DIGEST), undefined)
})

test('a stream that was opened survives the deletion of the blob', async () => {
  using lab = openLab()
  lab.blobs.put(HELLO)
  const stream = lab.blobs.open(DIGEST)
  lab.blobs.delete(DIGEST)
  assert.deepEqual(await buffer(stream), HELLO)
})

test('what is absent is not-found', () => {
  using lab = openLab()
  for (const ask of ['open', 'read', 'path'] as const)
    assert.throws(() => lab.blobs[ask](DIGEST), { kind: 'not-found' }, ask)
})

test('content that is not what was announced leaves nothing', async () => {
  using lab = openLab()
  const cases = [
    [{ digest: digestOf('other') }, 'corrupt'],
    [{ size: 4 }, 'corrupt'],
    [{ size: 6 }, 'corrupt'],
    [{ limit: 4 }, 'invalid'],
    [{ signal: AbortSignal.abort() }, 'cancelled'],
  ] as const
  for (const [expected, kind] of cases) {
    await assert.rejects(lab.blobs.ingest(pieces('hel', 'lo'), expected), { kind })
    assert.deepEqual(lab.files(), [])
  }
})

test('more than was announced is refused before the source ends', async () => {
  using lab = openLab()
  let closed = false
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield HELLO
    } finally {
      closed = true
    }
  }
  await assert.rejects(lab.blobs.ingest(endless(), { size: 100 }), { kind: 'corrupt' })
  assert.ok(closed)
})

test('a source that fails or stalls leaves nothing', async () => {
  using lab = openLab()
  async function* failing(): AsyncGenerator<Buffer> {
    yield HELLO
    throw new Error('connection lost')
  }
  await assert.rejects(lab.blobs.ingest(failing()), { message: 'connection lost' })
  async function* silent(): AsyncGenerator<Buffer> {
    yield HELLO
    await new Promise<never>(() => undefined)
  }
  const giveUp = new AbortController()
  const ingested = assert.rejects(lab.blobs.ingest(silent(), { signal: giveUp.signal }), { kind: 'cancelled' })
  setImmediate(() => giveUp.abort())
  await ingested
  assert.deepEqual(lab.files(), [])
})

test('reading is bounded and verified', () => {
  using lab = openLab()
  lab.blobs.put(HELLO)
  assert.throws(() => lab.blobs.read(DIGEST, { limit: 4 }), { kind: 'invalid' })
  writeFileSync(lab.blobs.path(DIGEST), 'jello')
  assert.throws(() => lab.blobs.read(DIGEST), { kind: 'corrupt' })
})

test('many writers of one content give one blob', async () => {
  using lab = openLab()
  await Promise.all(Array.from({ length: 8 }, () => lab.blobs.ingest(pieces('h', 'e', 'llo'))))
  assert.deepEqual(lab.files(), [DIGEST.slice(7)])
})

function openLab(): { readonly blobs: Blobs; files(): readonly string[] } & Disposable {
  const root = mkdtempSync(join(tmpdir(), 'slipway-blobs-'))
  const tmp = join(root, 'tmp')
  const paths = createStorePaths({ root, tmp })
  return {
    blobs: createBlobs(paths),
    files: () => [...readdirSync(tmp), ...readdirSync(paths.blobs)],
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  }
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}
