import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { withUnixAddress } from './unix-address.ts'

const pathIn = (address: Buffer): string => address.toString('utf8', 2).replace(/\0+$/, '')

test('a path that fits is the address', () => {
  const path = `/${'x'.repeat(106)}`
  assert.equal(withUnixAddress(path, pathIn), path)
  assert.equal(
    withUnixAddress(path, (address) => address.readUInt16LE(0)),
    1,
  )
})

test('a longer path is reached through its folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'slipway-address-'))
  try {
    const folder = join(root, 'deep'.repeat(40))
    mkdirSync(folder)
    assert.match(withUnixAddress(join(folder, 'attach'), pathIn), /^\/proc\/self\/fd\/\d+\/attach$/)
    assert.throws(() => withUnixAddress(join(folder, 'name'.repeat(30)), pathIn), { code: 'ENAMETOOLONG' })
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('an address of the abstract kind is nobody’s path', () => {
  assert.throws(() => withUnixAddress('\0abstract', pathIn), { code: 'EINVAL' })
  assert.throws(() => withUnixAddress('', pathIn), { code: 'EINVAL' })
})
