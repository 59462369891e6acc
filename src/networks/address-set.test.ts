import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, formatAddress, parseAddress, parseCidr } from './address.ts'
import { createAddressSet } from './address-set.ts'

const subnet = (text: string) => parseCidr(text)!.prefix
const address = (text: string) => parseAddress(text)!
const text = (found: Address | undefined) => found && formatAddress(found)

test('the lowest free address is given, released ones first', () => {
  const set = createAddressSet(subnet('172.17.0.0/16'))
  assert.deepEqual([set.takeNext(), set.takeNext(), set.takeNext()].map(text), [
    '172.17.0.1',
    '172.17.0.2',
    '172.17.0.3',
  ])
  set.release(address('172.17.0.2'))
  assert.equal(text(set.takeNext()), '172.17.0.2')
  assert.equal(text(set.takeNext()), '172.17.0.4')
})

test('a subnet ends before its broadcast address', () => {
  const set = createAddressSet(subnet('10.0.0.0/29'))
  const all = Array.from({ length: 8 }, () => text(set.takeNext()))
  assert.deepEqual(all, [...[1, 2, 3, 4, 5, 6].map((last) => `10.0.0.${last}`), undefined, undefined])
})

test('a point-to-point subnet has two addresses, a single one has one', () => {
  const pair = createAddressSet(subnet('10.0.0.0/31'))
  assert.deepEqual([pair.takeNext(), pair.takeNext(), pair.takeNext()].map(text), ['10.0.0.0', '10.0.0.1', undefined])
  const single = createAddressSet(subnet('10.0.0.9/32'))
  assert.deepEqual([single.takeNext(), single.takeNext()].map(text), ['10.0.0.9', undefined])
})

test('an address is taken once', () => {
  const set = createAddressSet(subnet('10.0.0.0/24'))
  assert.equal(set.take(address('10.0.0.31')), true)
  assert.equal(set.take(address('10.0.0.31')), false)
  assert.equal(set.take(address('10.0.0.255')), false)
  assert.throws(() => set.take(address('10.0.1.1')), RangeError)
})

test('a range confines the search', () => {
  const set = createAddressSet(subnet('10.0.0.0/16'))
  const range = subnet('10.0.3.128/30')
  const found = Array.from({ length: 5 }, () => text(set.takeNext(range)))
  assert.deepEqual(found, ['10.0.3.128', '10.0.3.129', '10.0.3.130', '10.0.3.131', undefined])
})

test('a large ipv6 subnet costs no memory', () => {
  const set = createAddressSet(subnet('fd00::/8'))
  assert.equal(text(set.takeNext()), 'fd00::1')
})

test('no address is given twice, whatever is taken and released', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(70)), (steps) => {
      const set = createAddressSet(subnet('10.0.0.0/26'))
      const held = new Set<string>()
      for (const step of steps) {
        const release = [...held][step]
        if (release !== undefined) {
          set.release(address(release))
          held.delete(release)
          continue
        }
        const next = text(set.takeNext())
        assert.equal(next === undefined, held.size === 62)
        if (next === undefined) continue
        assert.equal(held.has(next), false)
        held.add(next)
      }
    }),
  )
})
