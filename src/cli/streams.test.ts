import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitFrames } from './streams.ts'

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([head, Buffer.from(text)])
}

async function join(chunks: readonly Buffer[]): Promise<Record<number, string>> {
  const texts: Record<number, string> = {}
  async function* source(): AsyncGenerator<Buffer> {
    yield* chunks
  }
  for await (const { stream, data } of splitFrames(source())) texts[stream] = (texts[stream] ?? '') + data.toString()
  return texts
}

test('frames are put together however the bytes were cut', async () => {
  const bytes = Buffer.concat([frame(1, 'out one '), frame(2, 'err '), frame(1, ''), frame(1, 'out two')])
  for (let size = 1; size <= bytes.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    assert.deepEqual(await join(chunks), { 1: 'out one out two', 2: 'err ' }, `pieces of ${size}`)
  }
})
