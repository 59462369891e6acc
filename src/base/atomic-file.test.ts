import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeFileAtomic } from './atomic-file.ts'

test('a file is replaced whole, or left as it was with nothing beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-atomic-'))
  try {
    const path = join(folder, 'x')
    writeFileAtomic(path, 'one', { mode: 0o600 })
    writeFileAtomic(path, 'two')
    assert.equal(readFileSync(path, 'utf8'), 'two')
    assert.equal(statSync(path).mode & 0o777, 0o644)
    mkdirSync(join(folder, 'busy'))
    assert.throws(() => writeFileAtomic(join(folder, 'busy'), 'x'))
    assert.deepEqual(readdirSync(folder).sort(), ['busy', 'x'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
