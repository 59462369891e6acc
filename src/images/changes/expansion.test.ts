// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how a Dockerfile writes variables.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandWord, expandWords } from './expansion.ts'

const values: Readonly<Record<string, string>> = {
  x: 'abcabc',
  empty: '',
  path: '/usr/local/lib',
  p: 'a b',
  é: 'acute',
}
const lookup = (name: string): string | undefined => values[name]

const cases: readonly (readonly [word: string, gives: string])[] = [
  ['plain', 'plain'],
  ['$x', 'abcabc'],
  ['${x}y', 'abcabcy'],
  ['$é!', 'acute!'],
  ['$none', ''],
  ['$', '$'],
  ['a$ b', 'a$ b'],
  ['\\$x', '$x'],
  ['"$x"', 'abcabc'],
  ['"\\$x \\a \\""', '$x \\a "'],
  ["'$x'", '$x'],
  ["'a'\\''b'", "a'b"],
  ['${none:-d}', 'd'],
  ['${none-d}', 'd'],
  ['${empty:-d}', 'd'],
  ['${empty-d}', ''],
  ['${x:+y}', 'y'],
  ['${none+y}', ''],
  ['${empty+y}', 'y'],
  ['${none:-${x}}', 'abcabc'],
  ['${x:?m}', 'abcabc'],
  ['${path#*/}', 'usr/local/lib'],
  ['${path##*/}', 'lib'],
  ['${path%/*}', '/usr/local'],
  ['${path%%/*}', ''],
  ['${path#nope}', '/usr/local/lib'],
  ['${x#a?}', 'cabc'],
  ['${x%?c}', 'abca'],
  ['${x/b/X}', 'aXcabc'],
  ['${x//b/X}', 'aXcaXc'],
  ['${x/b*/X}', 'aX'],
  ['${x//\\*/X}', 'abcabc'],
  ['${path//\\//:}', ':usr:local:lib'],
  ['${x//q/X}', 'abcabc'],
]

for (const [word, gives] of cases) {
  test(`expandWord turns ${word} into ${JSON.stringify(gives)}`, () => assert.equal(expandWord(word, lookup), gives))
}

test('expandWords splits what was not quoted, after replacing variables', () => {
  assert.deepEqual(expandWords('$p "$p" c\\ d  e', lookup), ['a', 'b', 'a b', 'c d', 'e'])
  assert.deepEqual(expandWords('x$p', lookup), ['xa', 'b'])
  assert.deepEqual(expandWords(' $none ""', lookup), [])
})

test('a pattern of many stars takes no time over a long value', () => {
  const long = 'a'.repeat(60_000)
  const pattern = '*a'.repeat(100)
  const found = expandWord(`\${v##${pattern}b}`, () => long)
  assert.equal(found, long)
})

test('a replacement cannot grow without bound', () => {
  const long = 'a'.repeat(60_000)
  assert.throws(() => expandWord(`\${v//a/${'b'.repeat(60_000)}}`, () => long), { kind: 'invalid' })
})
