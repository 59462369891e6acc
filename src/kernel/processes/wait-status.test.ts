import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeStatus } from './wait-status.ts'

test('a status word tells the code or the signal, and nothing of a core dump', () => {
  assert.deepEqual(decodeStatus(0), { code: 0, signal: null })
  assert.deepEqual(decodeStatus(7 << 8), { code: 7, signal: null })
  assert.deepEqual(decodeStatus(255 << 8), { code: 255, signal: null })
  assert.deepEqual(decodeStatus(9), { code: null, signal: 9 })
  assert.deepEqual(decodeStatus(11 | 0x80), { code: null, signal: 11 })
  assert.deepEqual(decodeStatus(64), { code: null, signal: 64 })
})
