import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSignal, SIGNALS } from './signals.ts'

const READ = [
  ['SIGTERM', 15],
  ['sigterm', 15],
  ['TERM', 15],
  ['term', 15],
  ['15', 15],
  ['9', 9],
  ['64', 64],
  ['SIGCHLD', 17],
  ['CLD', 17],
  ['SIGPOLL', 29],
  ['IO', 29],
  ['SIGSTKFLT', 16],
  ['SIGWINCH', 28],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['rtmin+15', 49],
  ['SIGRTMAX-14', 50],
  ['RTMAX-1', 63],
  ['SIGRTMAX', 64],
] as const

for (const [text, number] of READ) test(`${text} is signal ${number}`, () => assert.equal(parseSignal(text), number))

for (const text of [
  '',
  '0',
  '65',
  '-9',
  '+9',
  '9.0',
  ' 9',
  'SIG',
  'SIGSIGTERM',
  'FOO',
  'RTMIN+16',
  'RTMAX-15',
  'toString',
])
  test(`${JSON.stringify(text)} is no signal`, () => assert.equal(parseSignal(text), undefined))

test('every number from 1 to 64 but glibc’s own two has a name', () => {
  const named = new Set(Object.values(SIGNALS))
  const absent = Array.from({ length: 64 }, (_, index) => index + 1).filter((number) => !named.has(number))
  assert.deepEqual(absent, [32, 33])
})
