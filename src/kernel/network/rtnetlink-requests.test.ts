import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAttributes, readText, readU32 } from '../netlink/attributes.ts'
import {
  addAddressMessage,
  deleteAddressMessage,
  linkMessage,
  routeMessage,
  vethMessage,
} from './rtnetlink-requests.ts'

/** Type, flags, struct and attributes of a message. */
function take(bytes: Buffer, structSize: number) {
  return {
    type: bytes.readUInt16LE(4),
    flags: bytes.readUInt16LE(6),
    struct: bytes.subarray(16, 16 + structSize),
    attributes: parseAttributes(bytes.subarray(16 + structSize)),
  }
}

test('a change of a link touches nothing that it does not name', () => {
  const { struct, attributes } = take(linkMessage(5, { mtu: 1400 }), 16)
  assert.deepEqual([struct.readInt32LE(4), struct.readUInt32LE(8), struct.readUInt32LE(12)], [5, 0, 0])
  assert.deepEqual([...attributes.keys()], [4])
})

test('a link goes up and down by its flag alone', () => {
  const flags = (up: boolean) => take(linkMessage(5, { up }), 16).struct
  assert.deepEqual([flags(true).readUInt32LE(8), flags(true).readUInt32LE(12)], [1, 1])
  assert.deepEqual([flags(false).readUInt32LE(8), flags(false).readUInt32LE(12)], [0, 1])
})

test('a veth pair is one message with the peer inside', () => {
  const bytes = vethMessage({ name: 'host', peer: 'eth0', peerNetns: 12, master: 3, peerMac: '02:00:00:00:00:01' })
  const { type, attributes } = take(bytes, 16)
  assert.equal(type, 16)
  assert.deepEqual(
    [readText(attributes.get(3)), readU32(attributes.get(4)), readU32(attributes.get(10))],
    ['host', 1500, 3],
  )
  const info = parseAttributes(attributes.get(18) ?? Buffer.alloc(0))
  assert.equal(readText(info.get(1)), 'veth')
  const peer = parseAttributes(info.get(2) ?? Buffer.alloc(0)).get(1) ?? Buffer.alloc(0)
  const inside = parseAttributes(peer.subarray(16))
  assert.deepEqual([readText(inside.get(3)), readU32(inside.get(28))], ['eth0', 12])
  assert.equal(inside.get(1)?.toString('hex'), '020000000001')
})

test('an IPv6 address is usable at once', () => {
  const six = take(addAddressMessage(5, { address: 'fd00::1', prefix: 64 }), 8)
  assert.deepEqual([...six.struct.subarray(0, 3)], [10, 64, 2])
  const four = take(addAddressMessage(5, { address: '10.0.0.1', prefix: 8, broadcast: '10.255.255.255' }), 8)
  assert.deepEqual([...four.struct.subarray(0, 3)], [2, 8, 0])
  assert.equal(four.attributes.get(4)?.toString('hex'), '0affffff')
})

test('an address is deleted without its broadcast address', () => {
  const { type, attributes } = take(
    deleteAddressMessage(5, { address: '10.0.0.1', prefix: 8, broadcast: '1.2.3.4' }),
    8,
  )
  assert.deepEqual([type, [...attributes.keys()]], [21, [2, 1]])
})

const ROUTES = [
  { name: 'the default route', request: { gateway: '10.0.0.1' }, family: 2, length: 0, scope: 0 },
  { name: 'the default route of IPv6', request: { gateway: 'fd00::1' }, family: 10, length: 0, scope: 0 },
  {
    name: 'a network on the link',
    request: { destination: '10.1.0.0/16', index: 3 },
    family: 2,
    length: 16,
    scope: 253,
  },
  { name: 'one host', request: { destination: '10.1.0.9', index: 3 }, family: 2, length: 32, scope: 253 },
  { name: 'one host of IPv6', request: { destination: 'fd00::9', index: 3 }, family: 10, length: 128, scope: 253 },
  {
    name: 'a network behind a gateway',
    request: { destination: 'fd01::/64', gateway: 'fd00::1' },
    family: 10,
    length: 64,
    scope: 0,
  },
] as const

for (const { name, request, family, length, scope } of ROUTES) {
  test(`a route to ${name} says how far it reaches`, () => {
    const { struct } = take(routeMessage(request), 12)
    assert.deepEqual([struct[0], struct[1], struct[4], struct[6]], [family, length, 254, scope])
  })
}
