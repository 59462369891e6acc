import assert from 'node:assert/strict'
import { SocketAddress } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressBytes, addressText, macBytes, macText } from './inet.ts'

const ADDRESSES = [
  { text: '0.0.0.0', hex: '00000000' },
  { text: '172.17.0.1', hex: 'ac110001' },
  { text: '255.255.255.255', hex: 'ffffffff' },
  { text: '::', hex: '00'.repeat(16) },
  { text: '::1', hex: `${'00'.repeat(15)}01` },
  { text: 'fe80::', hex: `fe80${'00'.repeat(14)}` },
  { text: '2001:db8::1:0:0:1', hex: '20010db8000000000001000000000001' },
  { text: '2001:db8:1:2:3:4:5:6', hex: '20010db8000100020003000400050006' },
  { text: '1:0:2:3:4:5:6:7', hex: '00010000000200030004000500060007' },
]

for (const { text, hex } of ADDRESSES) {
  test(`${text} is written as bytes and back`, () => {
    assert.equal(addressBytes(text).toString('hex'), hex)
    assert.equal(addressText(Buffer.from(hex, 'hex')), text)
  })
}

test('other spellings of an address give the same bytes', () => {
  assert.deepEqual(addressBytes('::ffff:1.2.3.4'), addressBytes('0:0:0:0:0:FFFF:102:304'))
  assert.deepEqual(addressBytes('64:ff9b::192.0.2.1'), addressBytes('64:ff9b::c000:201'))
  assert.deepEqual(addressBytes('fe80::1%eth0'), addressBytes('fe80::1'))
  assert.deepEqual(addressBytes('1::'), addressBytes('1:0:0:0:0:0:0:0'))
})

test('every address survives the way to text and back', () => {
  const bytes = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  fc.assert(
    fc.property(bytes, (address) => {
      const text = addressText(address)
      assert.deepEqual(Uint8Array.from(addressBytes(text)), address)
      const family = address.length === 4 ? 'ipv4' : 'ipv6'
      assert.deepEqual(addressBytes(new SocketAddress({ address: text, family }).address), addressBytes(text))
    }),
  )
})

test('what is no address is refused', () => {
  for (const text of ['', '1.2.3', '1.2.3.256', '01.2.3.4', '1::2::3', 'localhost', '10.0.0.1/8', ':']) {
    assert.throws(() => addressBytes(text), TypeError, text)
  }
})

test('MAC addresses are written as bytes and back', () => {
  assert.deepEqual(macBytes('02:42:AC:11:00:02'), Buffer.of(0x02, 0x42, 0xac, 0x11, 0, 2))
  assert.equal(macText(Buffer.of(2, 0x42, 0xac, 0x11, 0, 2)), '02:42:ac:11:00:02')
  assert.equal(macText(Buffer.alloc(0)), '')
  for (const text of ['', '02:42', '02:42:ac:11:00:zz', '0242ac110002', '02:42:ac:11:00:02:03']) {
    assert.throws(() => macBytes(text), TypeError, text)
  }
})
