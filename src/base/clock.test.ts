import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClock, formatTimestamp, formatTimestampFixed, parseTimestamp } from './clock.ts'

test('times are written as Go writes them', () => {
  assert.equal(formatTimestamp(0n), '1970-01-01T00:00:00Z')
  assert.equal(formatTimestamp(1_500_000_000_120_000_000n), '2017-07-14T02:40:00.12Z')
  assert.equal(formatTimestamp(1n), '1970-01-01T00:00:00.000000001Z')
  assert.equal(formatTimestampFixed(1_500_000_000_120_000_000n), '2017-07-14T02:40:00.120000000Z')
})

test('RFC 3339 is read to the nanosecond, and nothing else is', () => {
  assert.equal(parseTimestamp('2017-07-14T02:40:00.123456789Z'), 1_500_000_000_123_456_789n)
  assert.equal(parseTimestamp('2017-07-14T04:40:00+02:00'), 1_500_000_000_000_000_000n)
  for (const text of ['', '2017', '2017-07-14', '2017-13-14T02:40:00Z', 'yesterday']) {
    assert.equal(parseTimestamp(text), undefined, text)
  }
})

test('a clock never repeats itself', () => {
  const clock = createClock()
  const times = Array.from({ length: 1000 }, () => clock.now())
  assert.ok(times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0n)))
})
