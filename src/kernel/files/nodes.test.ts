import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { joinDevice, splitDevice } from './nodes.ts'

test('device numbers are those of makedev', () => {
  assert.equal(joinDevice(1, 3), 0x103n)
  assert.equal(joinDevice(8, 1), 0x801n)
  assert.equal(joinDevice(259, 0x12345), 0x12310345n)
  assert.equal(joinDevice(0, 0), 0n)
})

test('a device number has the parts that it was made of', () => {
  const major = fc.integer({ min: 0, max: 0xfff })
  const minor = fc.integer({ min: 0, max: 0xfffff })
  fc.assert(
    fc.property(major, minor, (a, i) => {
      assert.deepEqual(splitDevice(Number(joinDevice(a, i))), { major: a, minor: i })
    }),
  )
})
