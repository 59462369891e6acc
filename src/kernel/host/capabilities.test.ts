import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CAPABILITIES, capabilitiesOf, effectiveCapabilities } from './capabilities.ts'

test('the place of a capability in the list is its bit', () => {
  assert.equal(CAPABILITIES.length, 41)
  assert.equal(CAPABILITIES.indexOf('CAP_SYS_ADMIN'), 21)
  assert.equal(CAPABILITIES.indexOf('CAP_SYS_RESOURCE'), 24)
  assert.equal(CAPABILITIES.indexOf('CAP_CHECKPOINT_RESTORE'), 40)
})

test('a mask is read bit by bit, beyond 32 too', () => {
  assert.deepEqual([...capabilitiesOf('0000000000000000')], [])
  assert.deepEqual([...capabilitiesOf('0000010000000001')], ['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE'])
  assert.equal(capabilitiesOf('000001ffffffffff').size, 41)
  const withoutResource = capabilitiesOf('000001fffeffffff')
  assert.deepEqual([withoutResource.size, withoutResource.has('CAP_SYS_RESOURCE')], [40, false])
})

test('bits that have no name yet are passed over', () => {
  assert.equal(capabilitiesOf('ffffffffffffffff').size, 41)
})

test('this process has capabilities of the list alone', () => {
  for (const name of effectiveCapabilities()) assert.ok((CAPABILITIES as readonly string[]).includes(name))
})
