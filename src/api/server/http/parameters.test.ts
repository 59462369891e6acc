import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterFlag, matchesExactly, matchesLabels, matchesPattern, parseFilters } from './filters.ts'
import { parseQuery } from './query.ts'
import { parseTimeValue } from './time-value.ts'

test('a query is read by the rules of Docker', () => {
  const query = parseQuery('all=True&none=none&zero=0&empty=&t=-1&h=30&big=4294967296&bad=x&names=a&names=b%2Fc')
  assert.equal(query.flag('all'), true)
  for (const name of ['none', 'zero', 'empty', 'absent']) assert.equal(query.flag(name), false, name)
  assert.equal(query.flag('absent', true), true)
  assert.equal(query.flag('empty', true), false)
  assert.equal(query.integer('t'), -1)
  assert.equal(query.integer('absent'), undefined)
  assert.equal(query.text('empty'), undefined)
  assert.deepEqual(query.all('names'), ['a', 'b/c'])
  assert.equal(query.required32('h', 'resize height'), 30)
  assert.throws(() => query.integer('bad'), /^SlipwayError: strconv\.Atoi: parsing "x": invalid syntax$/)
  assert.throws(() => query.required32('bad', 'resize height'), /invalid resize height "x": invalid syntax/)
  assert.throws(() => query.required32('absent', 'resize width'), /invalid resize width "": invalid syntax/)
  assert.throws(() => query.required32('big', 'resize width'), /value out of range/)
  assert.throws(() => query.required32('t', 'resize width'), /value out of range/)
})

test('filters come as a map of lists or a map of maps', () => {
  const accepted = ['label', 'dangling', 'name']
  assert.deepEqual(parseFilters(undefined, accepted), {})
  assert.deepEqual(parseFilters('{"label":["a","b=c"]}', accepted), { label: ['a', 'b=c'] })
  assert.deepEqual(parseFilters('{"label":{"a":true,"b=c":true}}', accepted), { label: ['a', 'b=c'] })
  assert.throws(() => parseFilters('{"nope":["a"]}', accepted), /^SlipwayError: invalid filter 'nope'$/)
  assert.throws(() => parseFilters('x', accepted), /^SlipwayError: invalid filter: invalid character 'x' looking/)
  for (const text of ['[]', '{"label":"a"}', '{"label":[1]}']) {
    assert.throws(() => parseFilters(text, accepted), /^SlipwayError: invalid filter$/, text)
  }
})

test('a filter says yes, no, or is refused', () => {
  assert.equal(filterFlag({}, 'dangling'), undefined)
  assert.equal(filterFlag({ dangling: ['1'] }, 'dangling'), true)
  assert.equal(filterFlag({ dangling: ['false'] }, 'dangling'), false)
  assert.throws(
    () => filterFlag({ dangling: ['true', 'false'] }, 'dangling'),
    /invalid filter 'dangling=\[true false\]'/,
  )
  assert.throws(() => filterFlag({ dangling: ['maybe'] }, 'dangling'), /invalid filter/)
})

test('filters match as patterns, exactly, or by labels that all hold', () => {
  assert.ok(matchesPattern({ name: ['^we'] }, 'name', 'web'))
  assert.ok(!matchesPattern({ name: ['^b', '('] }, 'name', 'web'))
  assert.ok(matchesPattern({}, 'name', 'web'))
  assert.ok(matchesExactly({ driver: ['a', 'b'] }, 'driver', 'b'))
  assert.ok(!matchesExactly({ driver: ['a'] }, 'driver', 'ab'))
  assert.ok(matchesLabels({ label: ['a', 'b=c'] }, 'label', { a: '1', b: 'c' }))
  assert.ok(!matchesLabels({ label: ['a', 'b=d'] }, 'label', { a: '1', b: 'c' }))
  assert.ok(!matchesLabels({ label: ['toString'] }, 'label', {}))
})

test('points in time are read in every form that clients send', () => {
  const now = 1_700_000_000_000_000_000n
  const cases: readonly (readonly [string, bigint])[] = [
    ['1136073600', 1_136_073_600_000_000_000n],
    ['1136073600.000000001', 1_136_073_600_000_000_001n],
    ['1136073600.5', 1_136_073_600_500_000_000n],
    ['2006-01-02T15:04:05.999999999+07:00', 1_136_189_045_999_999_999n],
    ['2006-01-02T15:04:05Z', 1_136_214_245_000_000_000n],
    ['2006-01-02T15:04', 1_136_214_240_000_000_000n],
    ['2006-01-02T15Z', 1_136_214_000_000_000_000n],
    ['2006-01-02-00:01', 1_136_160_060_000_000_000n],
    ['2006-01-02', 1_136_160_000_000_000_000n],
    ['1h30m', now - 5_400_000_000_000n],
    ['10s', now - 10_000_000_000n],
  ]
  for (const [text, time] of cases) assert.equal(parseTimeValue(text, now), time, text)
  for (const text of ['invalid', '2006-13-99', '2006-01-02T', '1.2.3']) {
    assert.throws(() => parseTimeValue(text, now), /failed to parse value as time or duration/, text)
  }
})
