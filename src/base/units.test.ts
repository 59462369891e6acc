import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBytes, parseDuration } from './units.ts'

test('sizes are read in powers of 1024', () => {
  assert.deepEqual(['64m', '1.5k', '10', '1GiB', '2 kb'].map(parseBytes), [67_108_864, 1536, 10, 1_073_741_824, 2048])
  for (const text of ['', 'm', '-1', '1x']) assert.throws(() => parseBytes(text), /invalid size/)
})

test('durations are read as Go writes them, into nanoseconds', () => {
  assert.deepEqual(['1m30s', '500ms', '0', '1.5h', '-2s'].map(parseDuration), [90e9, 5e8, 0, 5400e9, -2e9])
  const refused: readonly (readonly [text: string, message: string])[] = [
    ['', 'time: invalid duration ""'],
    ['m', 'time: invalid duration "m"'],
    ['9999h', 'time: invalid duration "9999h"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1x', 'time: unknown unit "x" in duration "1x"'],
    ['1s 2s', 'time: unknown unit "s " in duration "1s 2s"'],
  ]
  for (const [text, message] of refused) assert.throws(() => parseDuration(text), { message })
})
