import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MountRequest } from '../contract.ts'
import { tmpfsOptions, tmpfsTextOf } from './tmpfs-options.ts'

test('of options that decide the same thing the last one counts', () => {
  const cases: readonly [string, string][] = [
    ['', 'noexec,nosuid,nodev,rprivate'],
    ['size=64m,mode=1777', 'noexec,nosuid,nodev,rprivate,size=64m,mode=1777'],
    ['exec', 'nosuid,nodev,rprivate,exec'],
    ['rw,ro,exec,noexec', 'nosuid,nodev,rprivate,ro,noexec'],
    ['shared,size=1k,size=2k,defaults', 'noexec,nosuid,nodev,shared,size=2k'],
    ['uid=5,gid=6,nr_inodes=7', 'noexec,nosuid,nodev,rprivate,uid=5,gid=6,nr_inodes=7'],
  ]
  for (const [text, options] of cases) assert.equal(tmpfsOptions(text).join(','), options, text)
})

test('unknown options are refused', () => {
  const cases: readonly [string, string][] = [
    ['bogus', 'invalid tmpfs option ["bogus"]'],
    ['ro,color=red', 'invalid tmpfs option ["color" "red"]'],
    ['toString', 'invalid tmpfs option ["toString"]'],
  ]
  for (const [text, message] of cases) assert.throws(() => tmpfsOptions(text), { kind: 'invalid', message })
})

test('what --mount asks for is put in the words of --tmpfs', () => {
  const mount: MountRequest = { type: 'tmpfs', source: '', target: '/t', readOnly: true, consistency: '' }
  const tmpfs = { sizeBytes: 1 << 20, mode: 0o1770, options: [['exec']] }
  assert.equal(tmpfsTextOf({ ...mount, tmpfs }), 'ro,mode=1770,size=1048576,exec')
  assert.equal(tmpfsTextOf({ ...mount, readOnly: false }), '')
  for (const options of [[[]], [['a', 'b', 'c']], [['suid']], [['exec', '1']]]) {
    assert.throws(() => tmpfsTextOf({ ...mount, tmpfs: { ...tmpfs, options } }), /^Error: invalid option/)
  }
})
