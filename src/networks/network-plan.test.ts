import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCidr } from './address.ts'
import type { Network, NetworkRequest, Subnet } from './contract.ts'
import { planNetwork } from './network-plan.ts'
import { DEFAULT_POOLS } from './subnets.ts'

const BASE: NetworkRequest = {
  name: 'mine',
  driver: '',
  ipv4: true,
  ipv6: false,
  internal: false,
  attachable: false,
  ipam: { driver: 'default', subnets: [], options: {} },
  options: {},
  labels: {},
}

function plan(
  request: Partial<NetworkRequest>,
  { known = [], host = [] }: { known?: Network[]; host?: string[] } = {},
) {
  return planNetwork(
    { ...BASE, ...request },
    {
      id: 'ab'.repeat(32),
      created: 1n,
      known,
      pools: DEFAULT_POOLS,
      taken: () => host.map((text) => parseCidr(text)!.prefix),
    },
  )
}

const withSubnet = (subnet: Subnet): Partial<NetworkRequest> => ({ ipam: { ...BASE.ipam, subnets: [subnet] } })

test('the pools give what neither the host nor another network has', () => {
  const first = plan({ name: 'first' }, { host: ['172.17.0.1/16'] })
  assert.deepEqual(first.ipam.subnets, [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1', fromPool: true }])
  assert.equal(first.driver, 'bridge')
  const second = plan({ name: 'second' }, { host: ['172.17.0.1/16'], known: [first] })
  assert.equal(second.ipam.subnets[0]?.subnet, '172.19.0.0/16')
})

test('used up pools say who uses them', () => {
  const known = [plan({ ...withSubnet({ subnet: '172.16.0.0/12' }), name: 'large' })]
  assert.throws(() => plan({}, { known, host: ['192.168.0.0/16'] }), {
    kind: 'invalid',
    message: /^all predefined address pools have been fully subnetted: networks large/,
  })
})

test('the gateway is the first address of the subnet or of its range', () => {
  const gateway = (subnet: Subnet) => plan(withSubnet(subnet)).ipam.subnets[0]?.gateway
  assert.equal(gateway({ subnet: '10.9.0.0/16' }), '10.9.0.1')
  assert.equal(gateway({ subnet: '10.9.0.0/16', gateway: '10.9.9.9' }), '10.9.9.9')
  assert.equal(gateway({ subnet: '10.9.0.0/16', ipRange: '10.9.5.0/24' }), '10.9.5.0')
})

test('names are taken once, and some never', () => {
  const known = [plan({})]
  assert.throws(() => plan({}, { known }), { kind: 'conflict', message: 'network with name mine already exists' })
  const predefined = 'operation is not permitted on predefined bridge network'
  assert.throws(() => plan({ name: 'bridge' }), { kind: 'forbidden', message: predefined })
  assert.throws(() => plan({ name: ' ' }), { kind: 'invalid', message: 'invalid name: name is empty' })
})

test('overlapping subnets are refused', () => {
  const known = [plan(withSubnet({ subnet: '10.9.0.0/16' }))]
  assert.throws(() => plan({ ...withSubnet({ subnet: '10.9.3.0/24' }), name: 'other' }, { known }), {
    kind: 'forbidden',
    message: 'invalid pool request: Pool overlaps with other one on this address space',
  })
})

test('all that is wrong with a subnet is told at once, in docker’s words', () => {
  const cases: [Subnet, string][] = [
    [{ subnet: '10.0.0.0/33' }, 'invalid subnet 10.0.0.0/33: invalid CIDR block notation'],
    [{ subnet: '10.10.10.0/8' }, 'invalid subnet 10.10.10.0/8: it should be 10.0.0.0/8'],
    [
      { subnet: '10.0.0.0/24', gateway: '10.1.0.1', auxAddresses: { a: 'x' } },
      "invalid gateway 10.1.0.1: parent subnet 10.0.0.0/24 doesn't contain this address\ninvalid auxiliary address a: invalid address",
    ],
    [
      { subnet: '10.10.10.0/24', ipRange: '10.0.0.0/8' },
      'invalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.10.10.0/24',
    ],
  ]
  for (const [subnet, why] of cases) {
    assert.throws(() => plan(withSubnet(subnet)), { kind: 'invalid', message: `invalid network config:\n${why}` })
  }
})

test('drivers and options that are not ours are refused', () => {
  assert.throws(() => plan({ driver: 'host' }), { kind: 'forbidden' })
  assert.throws(() => plan({ driver: 'macvlan' }), { kind: 'unsupported' })
  assert.throws(() => plan({ driver: 'what' }), { kind: 'not-found', message: 'plugin "what" not found' })
  assert.throws(() => plan({ ipv6: true }), { kind: 'unsupported' })
  const gatewayMode = { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' }
  assert.throws(() => plan({ options: gatewayMode }), { kind: 'unsupported' })
  for (const [option, value] of [
    ['com.docker.network.bridge.enable_icc', 'maybe'],
    ['com.docker.network.driver.mtu', '12'],
    ['com.docker.network.bridge.host_binding_ipv4', 'everywhere'],
    ['com.docker.network.bridge.name', 'a"; drop'],
  ] as const) {
    assert.throws(() => plan({ options: { [option]: value } }), { kind: 'invalid' }, option)
  }
})
