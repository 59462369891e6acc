import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { detectCompression, inflate } from './compression.ts'
import { decompress } from './external-filter.ts'

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251))

test('data is decompressed whatever compressed it, in pieces of any size', async () => {
  const half = CONTENT.length >> 1
  const [first, second] = [CONTENT.subarray(0, half), CONTENT.subarray(half)]
  const skippable = Buffer.from('5f2a4d180300000001020350', 'hex').subarray(0, 11)
  const cases = {
    none: CONTENT,
    gzip: gzipSync(CONTENT),
    'gzip of two members': Buffer.concat([gzipSync(first), gzipSync(second)]),
    zstd: zstdCompressSync(CONTENT),
    'zstd of two frames': Buffer.concat([zstdCompressSync(first), zstdCompressSync(second)]),
    'zstd that begins and ends with a skippable frame': Buffer.concat([
      skippable,
      zstdCompressSync(CONTENT),
      skippable,
    ]),
    'zstd with an empty frame': Buffer.concat([zstdCompressSync(Buffer.alloc(0)), zstdCompressSync(CONTENT)]),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    for (const size of [bytes.length, 70_001, 1000]) {
      const { compression, stream } = await inflate(pieces(bytes, size))
      assert.equal(compression, name.split(' ')[0], name)
      assert.ok((await buffer(stream)).equals(CONTENT), `${name} in pieces of ${size}`)
    }
  }
})

test('zstd frames of any number and size are all read', async () => {
  const frame = fc.tuple(fc.nat(3000), fc.nat(255), fc.boolean())
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 4000 }),
      async (frames, size) => {
        const plain = frames.map(([length, value]) => Buffer.alloc(length, value))
        const compressed = plain.flatMap((bytes, index) =>
          frames[index]?.[2]
            ? [zstdCompressSync(bytes), Buffer.from('502a4d180100000000', 'hex')]
            : [zstdCompressSync(bytes)],
        )
        const { stream } = await inflate(pieces(Buffer.concat(compressed), size))
        assert.deepEqual(await buffer(stream), Buffer.concat(plain))
      },
    ),
    { numRuns: 60 },
  )
})

test('short data, down to nothing, is plain', async () => {
  for (const text of ['', 'a', 'BZ', '\x1f\x8b']) {
    const { compression, stream } = await inflate(pieces(Buffer.from(text, 'latin1'), 1))
    assert.equal(compression, 'none')
    assert.equal((await buffer(stream)).toString('latin1'), text)
  }
})

test('damaged and cut data is corrupt', async () => {
  const spoil = (bytes: Buffer, at: number): Buffer =>
    Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte)))
  const [gzip, zstd] = [gzipSync(CONTENT), zstdCompressSync(CONTENT)]
  for (const bytes of [
    gzip.subarray(0, -1),
    gzip.subarray(0, 11),
    spoil(gzip, gzip.length - 2),
    spoil(gzip, 500),
    zstd.subarray(0, -1),
    zstd.subarray(0, 5),
    spoil(zstd, 5),
    Buffer.concat([zstd, Buffer.from('tail')]),
  ]) {
    const { stream } = await inflate(pieces(bytes, 4096))
    await assert.rejects(buffer(stream), { kind: 'corrupt' })
  }
})

test('an error of the source stays what it is', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield gzipSync(CONTENT).subarray(0, 1000)
    throw new Error('connection lost')
  }
  const { stream } = await inflate(failing())
  await assert.rejects(buffer(stream), { message: 'connection lost' })
})

test('a stream that is destroyed closes the source, read or not', async () => {
  for (const bytes of [CONTENT, gzipSync(CONTENT), zstdCompressSync(CONTENT)]) {
    for (const isRead of [false, true]) {
      const { promise, resolve } = Promise.withResolvers<void>()
      async function* source(): AsyncGenerator<Buffer> {
        try {
          yield* pieces(bytes, 1000)
        } finally {
          resolve()
        }
      }
      const { stream } = await inflate(source())
      if (isRead) await stream[Symbol.asyncIterator]().next()
      stream.destroy()
      await promise
    }
  }
})

test('bzip2 and xz are unpacked by the programs of the host, or refused by name', async (context) => {
  for (const program of ['bzip2', 'xz'] as const) {
    const path = `/usr/bin/${program}`
    if (!existsSync(path) && !existsSync(`/bin/${program}`)) {
      context.diagnostic(`${program} is not installed`)
      await assert.rejects(decompress(pieces(magicOf(program), 100)), { kind: 'unsupported' })
      continue
    }
    const compressed = execFileSync(program, ['-c'], { input: CONTENT, maxBuffer: 1 << 24 })
    const { compression, stream } = await decompress(pieces(compressed, 5000))
    assert.equal(compression, program)
    assert.ok((await buffer(stream)).equals(CONTENT))
    const cut = await decompress(pieces(compressed.subarray(0, -20), 5000))
    await assert.rejects(buffer(cut.stream), { kind: 'corrupt' })
    async function* failing(): AsyncGenerator<Buffer> {
      yield compressed.subarray(0, 100)
      throw new Error('connection lost')
    }
    await assert.rejects(buffer((await decompress(failing())).stream), { message: 'connection lost' })
    const left = await decompress(pieces(compressed, 5000))
    left.stream.destroy()
    await assert.rejects(inflate(pieces(compressed, 5000)), { kind: 'unsupported' })
  }
})

test('the magic numbers are those of Docker', () => {
  assert.equal(detectCompression(Buffer.from('BZh9')), 'bzip2')
  assert.equal(detectCompression(magicOf('xz')), 'xz')
  assert.equal(detectCompression(Buffer.from([0x1f, 0x8b, 0x08])), 'gzip')
  assert.equal(detectCompression(Buffer.from([0x1f, 0x8b, 0x09])), 'none')
  assert.equal(detectCompression(Buffer.from('2a4d18', 'hex')), 'none')
})

function magicOf(program: 'bzip2' | 'xz'): Buffer {
  return program === 'xz' ? Buffer.from('fd377a585a0000', 'hex') : Buffer.from('BZh91AY&SY')
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
