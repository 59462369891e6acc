import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPortAllocator, parsePortRange } from './port-allocator.ts'

const any = { first: 0, last: 0 }
const exactly = (port: number) => ({ first: port, last: port })
const wish = (range: { first: number; last: number }, addresses = ['0.0.0.0']) =>
  ({ addresses, protocol: 'tcp', range }) as const

test('ephemeral ports go upwards and come back only after the whole range', () => {
  const allocator = createPortAllocator({ first: 100, last: 102 })
  assert.equal(allocator.take(wish(any)), 100)
  allocator.release('0.0.0.0', 'tcp', 100)
  assert.equal(allocator.take(wish(any)), 101)
  assert.equal(allocator.take(wish(any)), 102)
  assert.equal(allocator.take(wish(any)), 100)
  assert.throws(() => allocator.take(wish(any)), { message: 'all ports are allocated', kind: 'internal' })
})

test('protocols do not disturb each other', () => {
  const allocator = createPortAllocator({ first: 100, last: 200 })
  allocator.take(wish(exactly(53)))
  assert.equal(allocator.take({ addresses: ['0.0.0.0'], protocol: 'udp', range: exactly(53) }), 53)
})

test('a wildcard and a single address exclude each other in one family', () => {
  const taken = (address: string) => ({
    message: `Bind for ${address}:80 failed: port is already allocated`,
    kind: 'internal',
  })
  const allocator = createPortAllocator({ first: 100, last: 200 })
  allocator.take(wish(exactly(80), ['127.0.0.1']))
  assert.throws(() => allocator.take(wish(exactly(80))), taken('127.0.0.1'))
  assert.throws(() => allocator.take(wish(exactly(80), ['127.0.0.1'])), taken('127.0.0.1'))
  assert.equal(allocator.take(wish(exactly(80), ['127.0.0.2'])), 80)
  assert.equal(allocator.take(wish(exactly(80), ['::'])), 80)
  assert.throws(() => allocator.take(wish(exactly(80), ['::1'])), taken('::'))
  allocator.release('127.0.0.1', 'tcp', 80)
  assert.throws(() => allocator.take(wish(exactly(80))), taken('127.0.0.2'))
})

test('several addresses get one port that is free on all of them', () => {
  const allocator = createPortAllocator({ first: 1, last: 2 })
  allocator.take(wish(exactly(8000), ['10.0.0.1']))
  const both = wish({ first: 8000, last: 8003 }, ['0.0.0.0', '::'])
  assert.deepEqual([allocator.take(both), allocator.take(both)], [8001, 8002])
})

test('an adopted port is taken', () => {
  const allocator = createPortAllocator({ first: 1, last: 2 })
  allocator.adopt('0.0.0.0', 'tcp', 8080)
  assert.throws(() => allocator.take(wish(exactly(8080))), /port is already allocated/)
})

test('the ephemeral range is read as the kernel writes it', () => {
  assert.deepEqual(parsePortRange('32768\t60999\n'), { first: 32_768, last: 60_999 })
  for (const text of ['', '1', '5 4', '0 9', '1 70000']) {
    assert.deepEqual(parsePortRange(text), { first: 49_153, last: 65_535 }, text)
  }
})
