import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attribute, nested, text, u32 } from '../netlink/attributes.ts'
import type { Thing } from '../netlink/messages.ts'
import { addressBytes } from './inet.ts'
import { parseAddress, parseLink, parseRoute } from './rtnetlink-replies.ts'

const LINK = 16
const ADDRESS = 20
const ROUTE = 24

function thing(type: number, ...parts: readonly Buffer[]): Thing {
  return { kind: 'thing', sequence: 1, type, payload: Buffer.concat(parts), interrupted: false }
}

function linkInfo(index: number, flags: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt32LE(flags, 8)
  return bytes
}

test('a veth in a bridge shows what it is and where', () => {
  const reply = thing(
    LINK,
    linkInfo(42, 0x1043),
    attribute(3, text('veth1')),
    attribute(4, u32(1450)),
    attribute(1, Buffer.of(2, 0x42, 0xac, 0x11, 0, 2)),
    attribute(10, u32(7)),
    nested(18, attribute(1, text('veth')), attribute(2, Buffer.alloc(8))),
  )
  assert.deepEqual(parseLink(reply), {
    index: 42,
    name: 'veth1',
    mac: '02:42:ac:11:00:02',
    mtu: 1450,
    up: true,
    master: 7,
    kind: 'veth',
  })
})

test('a device that is down, of hardware and alone has no more than a name', () => {
  const link = parseLink(thing(LINK, linkInfo(2, 0x1002), attribute(3, text('eth0'))))
  assert.deepEqual(link, { index: 2, name: 'eth0', mac: '', mtu: 0, up: false })
})

function addressInfo(family: number, prefix: number): Buffer {
  const bytes = Buffer.of(family, prefix, 0x80, 253, 0, 0, 0, 0)
  bytes.writeUInt32LE(9, 4)
  return bytes
}

test('the own address is preferred to the peer’s', () => {
  const own = attribute(2, addressBytes('10.0.0.1'))
  const peer = attribute(1, addressBytes('10.0.0.2'))
  assert.deepEqual(parseAddress(thing(ADDRESS, addressInfo(2, 32), peer, own)), {
    index: 9,
    family: 4,
    address: '10.0.0.1',
    prefix: 32,
    scope: 253,
  })
})

test('an IPv6 address is read', () => {
  const address = parseAddress(thing(ADDRESS, addressInfo(10, 64), attribute(1, addressBytes('fd00::1'))))
  assert.deepEqual([address?.family, address?.address, address?.prefix], [6, 'fd00::1', 64])
})

const routeInfo = (family: number, prefix: number, table = 254): Buffer =>
  Buffer.of(family, prefix, 0, 0, table, 3, 0, 1, 0, 0, 0, 0)

test('routes say where they lead, by what and in which table', () => {
  const toNet = thing(ROUTE, routeInfo(2, 16), attribute(1, addressBytes('172.17.0.0')), attribute(4, u32(5)))
  assert.deepEqual(parseRoute(toNet), { family: 4, destination: '172.17.0.0/16', index: 5, table: 254 })
  const standard = thing(ROUTE, routeInfo(2, 0), attribute(5, addressBytes('10.0.0.1')), attribute(4, u32(2)))
  assert.deepEqual(parseRoute(standard), {
    family: 4,
    destination: 'default',
    gateway: '10.0.0.1',
    index: 2,
    table: 254,
  })
  const other = thing(ROUTE, routeInfo(10, 64, 252), attribute(1, addressBytes('fd00::')), attribute(15, u32(1000)))
  assert.deepEqual(parseRoute(other), { family: 6, destination: 'fd00::/64', table: 1000 })
})

test('what is neither IPv4 nor IPv6, or another thing, is left out', () => {
  assert.equal(parseAddress(thing(ADDRESS, addressInfo(45, 0), attribute(2, Buffer.of(8)))), undefined)
  assert.equal(parseAddress(thing(ADDRESS, addressInfo(10, 0), attribute(2, Buffer.alloc(4)))), undefined)
  assert.equal(parseRoute(thing(ROUTE, routeInfo(28, 20))), undefined)
  assert.equal(parseLink(thing(ADDRESS, linkInfo(1, 0))), undefined)
})

test('any payload is read or left out', () => {
  const type = fc.constantFrom(LINK, ADDRESS, ROUTE)
  const family = fc.constantFrom(0, 2, 10, 28)
  fc.assert(
    fc.property(type, family, fc.uint8Array({ maxLength: 120 }), (kind, first, rest) => {
      const reply = thing(kind, Buffer.of(first), Buffer.from(rest))
      for (const parse of [parseLink, parseAddress, parseRoute]) parse(reply)
    }),
  )
})
