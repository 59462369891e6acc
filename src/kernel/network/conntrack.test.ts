import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attribute, nested } from '../netlink/attributes.ts'
import { parseFlow } from './conntrack.ts'
import { addressBytes } from './inet.ts'

const header = Buffer.alloc(4)

function tuple(type: number, { source, destination, port }: { source: string; destination: string; port: number }) {
  const [from, to] = source.includes(':') ? [3, 4] : [1, 2]
  return nested(
    type,
    nested(1, attribute(from, addressBytes(source)), attribute(to, addressBytes(destination))),
    nested(
      2,
      attribute(1, Buffer.of(17)),
      attribute(2, Buffer.of(1, 2)),
      attribute(3, Buffer.of(port >> 8, port & 255)),
    ),
  )
}

test('a redirected flow shows where it went and who answers', () => {
  const original = tuple(1, { source: '192.0.2.9', destination: '198.51.100.1', port: 5353 })
  const reply = tuple(2, { source: '172.17.0.2', destination: '192.0.2.9', port: 4000 })
  const flow = parseFlow(Buffer.concat([header, original, reply]))
  assert.deepEqual(flow, {
    tuple: original.subarray(4),
    protocol: 17,
    port: 5353,
    destination: '198.51.100.1',
    answeredBy: '172.17.0.2',
  })
})

test('a flow of IPv6 is read', () => {
  const sides = { source: 'fd00::2', destination: 'fd00::1', port: 80 }
  const flow = parseFlow(Buffer.concat([header, tuple(1, sides), tuple(2, sides)]))
  assert.deepEqual([flow?.destination, flow?.answeredBy], ['fd00::1', 'fd00::2'])
})

test('a flow without ports has none, and half a flow is none', () => {
  const addresses = nested(1, attribute(1, addressBytes('1.2.3.4')), attribute(2, addressBytes('5.6.7.8')))
  const icmp = [1, 2].map((type) => nested(type, addresses, nested(2, attribute(1, Buffer.of(1)))))
  assert.deepEqual(parseFlow(Buffer.concat([header, ...icmp]))?.port, undefined)
  assert.equal(parseFlow(Buffer.concat([header, ...icmp.slice(0, 1)])), undefined)
  assert.equal(parseFlow(header), undefined)
})

test('any payload is read or left out', () => {
  const attributes = fc.letrec<{ node: Buffer }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.tuple(fc.integer({ min: 1, max: 4 }), tie('node')), { maxLength: 3 })
        .map((list) => Buffer.concat(list.map(([type, data]) => attribute(type, data)))),
    ),
  }))
  fc.assert(fc.property(attributes.node, (bytes) => void parseFlow(Buffer.concat([header, bytes]))))
})
