import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPrefix, type Prefix, parseCidr } from './address.ts'
import { DEFAULT_POOLS, nextSubnet } from './subnets.ts'

const prefixes = (...texts: string[]): Prefix[] => texts.map((text) => parseCidr(text)!.prefix)
const next = (taken: Prefix[], pools = DEFAULT_POOLS) => {
  const found = nextSubnet(pools, taken)
  return found && formatPrefix(found)
}

test('the pools are handed out in docker’s order', () => {
  const taken: Prefix[] = []
  const seen = Array.from({ length: 32 }, () => {
    const subnet = nextSubnet(DEFAULT_POOLS, taken)
    if (subnet) taken.push(subnet)
    return subnet && formatPrefix(subnet)
  })
  assert.deepEqual(seen.slice(0, 2), ['172.17.0.0/16', '172.18.0.0/16'])
  assert.deepEqual(seen.slice(14, 17), ['172.31.0.0/16', '192.168.0.0/20', '192.168.16.0/20'])
  assert.deepEqual(seen.slice(30), ['192.168.240.0/20', undefined])
})

test('what the host uses is skipped, however large or small', () => {
  assert.equal(next(prefixes('172.17.5.0/24', '172.18.0.1/32')), '172.19.0.0/16')
  assert.equal(next(prefixes('172.16.0.0/12')), '192.168.0.0/20')
  assert.equal(next(prefixes('172.16.0.0/12', '192.168.0.0/19', '192.168.33.0/24')), '192.168.48.0/20')
  assert.equal(next(prefixes('0.0.0.0/0')), undefined)
})

test('a pool of very many subnets is searched past its obstacles', () => {
  const [base] = prefixes('10.0.0.0/8')
  assert.equal(next(prefixes('10.0.0.0/9', '10.128.0.0/24'), [{ base: base!, size: 24 }]), '10.128.1.0/24')
})
