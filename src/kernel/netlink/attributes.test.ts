import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attribute, NLA_F_NESTED, nested, parseAttributes, readText, readU32, text, u32, u32be } from './attributes.ts'

test('an attribute is its length, its type and its data, aligned to four bytes', () => {
  assert.equal(attribute(3, text('eth0')).toString('hex'), '0900030065746830 00000000'.replace(' ', ''))
  assert.equal(attribute(4, u32(1500)).toString('hex'), '08000400dc050000')
  assert.equal(attribute(1, Buffer.alloc(0)).toString('hex'), '04000100')
})

test('nested attributes lie in one another', () => {
  const bytes = nested(18 | NLA_F_NESTED, attribute(1, text('veth')), attribute(2, u32(7)))
  const inner = parseAttributes(bytes).get(18)
  assert.ok(inner)
  assert.equal(readText(parseAttributes(inner).get(1)), 'veth')
  assert.equal(readU32(parseAttributes(inner).get(2)), 7)
})

test('numbers have the order of the host or of the network', () => {
  assert.deepEqual(u32(0x01020304), Buffer.of(4, 3, 2, 1))
  assert.deepEqual(u32be(0x01020304), Buffer.of(1, 2, 3, 4))
  assert.deepEqual(u32(-1), Buffer.alloc(4, 0xff))
})

test('what does not fit into an attribute is refused', () => {
  assert.equal(attribute(1, Buffer.alloc(65_531)).length, 65_536)
  assert.throws(() => attribute(1, Buffer.alloc(65_532)), RangeError)
  assert.throws(() => text('eth0\0'), TypeError)
})

test('absent and short attributes are read as nothing', () => {
  assert.equal(readU32(undefined), undefined)
  assert.equal(readU32(Buffer.of(1, 2, 3)), undefined)
  assert.equal(readText(undefined), undefined)
  assert.equal(readText(Buffer.from('eth0')), 'eth0')
  assert.equal(readText(Buffer.from('eth0\0junk')), 'eth0')
})

test('attributes come back as they were put in', () => {
  const type = fc.integer({ min: 1, max: 0x3fff })
  const entries = fc.uniqueArray(fc.tuple(type, fc.uint8Array({ maxLength: 40 })), { selector: ([key]) => key })
  fc.assert(
    fc.property(entries, (list) => {
      const found = parseAttributes(Buffer.concat(list.map(([key, data]) => attribute(key, data))))
      assert.deepEqual(
        Array.from(found, ([key, data]) => [key, Uint8Array.from(data)]),
        list,
      )
    }),
  )
})

test('of a list that is cut anywhere what is whole is read', () => {
  const whole = Buffer.concat([attribute(1, u32(1)), attribute(2, text('two')), attribute(3, u32(3))])
  for (let end = 0; end < whole.length; end += 1) {
    const found = parseAttributes(whole.subarray(0, end))
    assert.deepEqual([...found.keys()], [1, 2, 3].slice(0, Math.floor(end / 8)))
  }
})

test('any bytes are read to an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const data of parseAttributes(Buffer.from(bytes)).values()) {
        readText(data)
        readU32(data)
      }
    }),
  )
})
