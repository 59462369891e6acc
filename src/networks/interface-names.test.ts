import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInterfaceNames, isOurHostInterface } from './interface-names.ts'

const id = 'ab'.repeat(32)

test('names are known as ours and do not come again soon', () => {
  const names = createInterfaceNames()
  const given = Array.from({ length: 36 }, () => names.next(id))
  assert.equal(new Set(given).size, 36)
  assert.ok(given.every((name) => isOurHostInterface(name) && name.length <= 15))
})

test('a name that somebody has is passed over', () => {
  const first = createInterfaceNames().next(id)
  assert.notEqual(createInterfaceNames().next(id, [first]), first)
})
