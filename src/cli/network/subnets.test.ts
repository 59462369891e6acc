import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPairs, subnetsOf } from './subnets.ts'

const nothing = { subnets: [], ranges: [], gateways: [], auxAddresses: {} }

test('ranges and addresses go with the subnet that holds them', () => {
  assert.deepEqual(
    subnetsOf({
      subnets: ['10.1.0.0/16', 'fd00::/64'],
      ranges: ['10.1.5.0/24'],
      gateways: ['fd00::1', '10.1.0.9'],
      auxAddresses: { a: '10.1.0.2', b: '10.1.0.3' },
    }),
    [
      {
        Subnet: '10.1.0.0/16',
        IPRange: '10.1.5.0/24',
        Gateway: '10.1.0.9',
        AuxiliaryAddresses: { a: '10.1.0.2', b: '10.1.0.3' },
      },
      { Subnet: 'fd00::/64', Gateway: 'fd00::1' },
    ],
  )
  assert.deepEqual(subnetsOf(nothing), [])
})

test('what no subnet holds is refused, and what is no subnet', () => {
  assert.throws(() => subnetsOf({ ...nothing, gateways: ['10.1.0.1'] }), {
    kind: 'invalid',
    message: 'no matching subnet for gateway 10.1.0.1',
  })
  for (const subnet of ['x', '10.0.0.0', '10.0.0.0/33', '']) {
    assert.throws(() => subnetsOf({ ...nothing, subnets: [subnet] }), { message: `invalid CIDR address: ${subnet}` })
  }
})

test('pairs keep what stands behind the first equals sign', () => {
  assert.deepEqual(readPairs(['a=b=c', 'd']), { a: 'b=c', d: '' })
})
