import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTable } from './table.ts'
import { binarySize, ellipsis, humanDuration, humanSize } from './units.ts'

test('sizes read as Docker prints them', () => {
  const cases: readonly [number, string][] = [
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [1_234_567, '1.235MB'],
    [77_900_000, '77.9MB'],
    [2_500_000_000_000, '2.5TB'],
  ]
  for (const [bytes, want] of cases) assert.equal(humanSize(bytes), want)
  assert.equal(humanSize(1_234_567, 3), '1.23MB')
  assert.equal(binarySize(25_165_824_000), '23.44GiB')
})

test('durations read as Docker prints them', () => {
  const second = 1000
  const hour = 3_600_000
  const cases: readonly [number, string][] = [
    [0, 'Less than a second'],
    [second, '1 second'],
    [59 * second, '59 seconds'],
    [60 * second, 'About a minute'],
    [150 * second, '2 minutes'],
    [hour, 'About an hour'],
    [47 * hour, '47 hours'],
    [48 * hour, '2 days'],
    [14 * 24 * hour, '2 weeks'],
    [90 * 24 * hour, '3 months'],
    [800 * 24 * hour, '2 years'],
  ]
  for (const [duration, want] of cases) assert.equal(humanDuration(duration), want)
})

test('tables line up by characters, not bytes', () => {
  assert.equal(
    formatTable([
      ['A', 'NAME', 'X'],
      ['…abcdefgh', 'b', ''],
    ]),
    'A           NAME      X\n…abcdefgh   b         \n',
  )
  assert.equal(ellipsis('/bin/sh -c sleep', 8), '/bin/sh…')
})
