import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  contains,
  formatAddress,
  formatPrefix,
  isLoopback,
  macOf,
  overlaps,
  parseAddress,
  parseCidr,
} from './address.ts'

test('addresses are read and written in their canonical form', () => {
  const cases: readonly [string, string | undefined][] = [
    ['172.17.0.2', '172.17.0.2'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['FD00:0:0:0::2', 'fd00::2'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['fe80::1%eth0', undefined],
    ['172.17.0', undefined],
    ['172.17.0.256', undefined],
    ['172.17.0.01', undefined],
    [':::', undefined],
    ['', undefined],
    ['localhost', undefined],
  ]
  for (const [text, wanted] of cases) {
    const address = parseAddress(text)
    assert.equal(address && formatAddress(address), wanted, text)
  }
})

test('every address survives being written and read', () => {
  fc.assert(
    fc.property(fc.constantFrom(4, 6), fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (family, bits) => {
      const address = { family: family as 4 | 6, value: family === 4 ? bits & 0xffff_ffffn : bits }
      assert.deepEqual(parseAddress(formatAddress(address)), address)
    }),
  )
})

test('a cidr is an address and its subnet', () => {
  const parsed = parseCidr('192.168.5.7/20')
  assert.ok(parsed)
  assert.equal(formatAddress(parsed.address), '192.168.5.7')
  assert.equal(formatPrefix(parsed.prefix), '192.168.0.0/20')
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/8/8', '/8', 'fd00::/129']) {
    assert.equal(parseCidr(text), undefined, text)
  }
})

test('subnets overlap exactly when they share an address', () => {
  const of = (text: string) => parseCidr(text)!.prefix
  assert.equal(overlaps(of('172.17.0.0/16'), of('172.17.255.0/24')), true)
  assert.equal(overlaps(of('172.17.0.0/16'), of('172.16.0.0/12')), true)
  assert.equal(overlaps(of('172.17.0.0/16'), of('172.18.0.0/16')), false)
  assert.equal(overlaps(of('0.0.0.0/0'), of('::/0')), false)
  assert.equal(contains(of('172.17.0.0/16'), parseAddress('172.17.255.255')!), true)
  assert.equal(contains(of('172.17.0.0/16'), parseAddress('172.18.0.0')!), false)
})

test('a mac address is derived from an address as docker does', () => {
  assert.equal(macOf('172.17.0.2'), '02:42:ac:11:00:02')
})

test('loopback is a whole subnet in ipv4 and one address in ipv6', () => {
  const loopback = (text: string) => isLoopback(parseAddress(text)!)
  assert.deepEqual(['127.0.0.1', '127.9.9.9', '::1', '128.0.0.1', '::2'].map(loopback), [
    true,
    true,
    true,
    false,
    false,
  ])
})
