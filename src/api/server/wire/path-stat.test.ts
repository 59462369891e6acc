import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodePathStat, goFileMode } from './path-stat.ts'

test('a mode of stat becomes a mode of Go', () => {
  assert.equal(goFileMode(0o100644), 0o644)
  assert.equal(goFileMode(0o040755), 0x8000_01ed)
  assert.equal(goFileMode(0o120777), 134_218_239)
  assert.equal(goFileMode(0o104755), 0x80_0000 + 0o755)
  assert.equal(goFileMode(0o041777), 0x8010_01ff)
  assert.equal(goFileMode(0o020666), 0x420_01b6)
})

test('a path is described by JSON in base64', () => {
  const header = encodePathStat({ name: 'é', size: 3, mode: 0o100600, mtime: 1_500_000_000n, linkTarget: '' })
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64').toString()), {
    name: 'é',
    size: 3,
    mode: 0o600,
    mtime: '1970-01-01T00:00:01.5Z',
    linkTarget: '',
  })
})
