import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timespecs } from './times.ts'

function read(bytes: Buffer): bigint[] {
  return [0, 8, 16, 24].map((at) => bytes.readBigInt64LE(at))
}

test('seconds and nanoseconds are told apart, atime before mtime', () => {
  assert.deepEqual(read(timespecs({ mtime: 1_500_000_000_123_456_789n, atime: 2_000_000_001n })), [
    2n,
    1n,
    1_500_000_000n,
    123_456_789n,
  ])
})

test('without an atime both are the same', () => {
  assert.deepEqual(read(timespecs({ mtime: 1n })), [0n, 1n, 0n, 1n])
})

test('before the epoch nanoseconds count forward', () => {
  assert.deepEqual(read(timespecs({ mtime: -1n })), [-1n, 999_999_999n, -1n, 999_999_999n])
  assert.deepEqual(read(timespecs({ mtime: -1_000_000_000n })), [-1n, 0n, -1n, 0n])
})
