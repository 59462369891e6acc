import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amendLines } from './name-files.ts'

test('lines of endpoints come and go, what somebody wrote stays', () => {
  const old = '127.0.0.1\tlocalhost\n172.18.0.2\tweb\n'
  const next = '127.0.0.1\tlocalhost\n172.18.0.2\tweb\n172.19.0.2\tweb\n'
  const edited = `${old}10.0.0.1\tmine\n`
  const joined = amendLines(edited, { old, next })
  assert.equal(joined, `${old}10.0.0.1\tmine\n172.19.0.2\tweb\n`)
  assert.equal(amendLines(joined, { old: next, next: old }), edited)
})

test('a file without a last newline gets one', () => {
  assert.equal(amendLines('a', { old: '', next: 'b\n' }), 'a\nb\n')
})
