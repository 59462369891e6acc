import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode, type Packet, type RecordType } from 'dns-packet'
import fc from 'fast-check'
import type { Zone } from './directory.ts'
import { encodeReply, failureReply, RCODE, readQuery, replyFrom, udpLimitOf } from './reply.ts'

const zone: Zone = {
  knows: (name) => name.toLowerCase() === 'web',
  addressesOf: () => ['10.0.0.2', '10.0.0.3'],
  nameOf: (address) => (address === '10.0.0.2' ? 'web.mine' : undefined),
  mayForward: true,
}

const query = (name: string, type: RecordType, more: Partial<Packet> = {}) =>
  readQuery(encode({ type: 'query', id: 7, flags: 0x100, questions: [{ type, name, class: 'IN' }], ...more }))!

function ask(name: string, type: RecordType, more: Partial<Packet> = {}) {
  const reply = replyFrom(query(name, type, more), zone)
  return reply && decode(encodeReply(reply, 512))
}

const codeOf = (packet: Packet | undefined) => (packet?.flags ?? 0) & 0x0f

test('a name is answered with all addresses', () => {
  const reply = ask('Web', 'A')
  assert.deepEqual(
    reply?.answers?.map((answer) => ('data' in answer ? `${answer.name} ${answer.data}` : '')),
    ['Web 10.0.0.2', 'Web 10.0.0.3'],
  )
  assert.equal(reply?.id, 7)
  assert.equal(codeOf(reply), 0)
  assert.equal(reply?.flag_ra && reply.flag_rd && reply.flag_aa, true)
})

test('a known name without such records is an empty answer, an unknown one is for others', () => {
  assert.deepEqual(ask('web', 'AAAA')?.answers, [])
  assert.deepEqual(ask('web', 'MX')?.answers, [])
  assert.equal(ask('example.com', 'A'), undefined)
})

test('addresses are answered with names', () => {
  const [answer] = ask('2.0.0.10.in-addr.arpa', 'PTR')?.answers ?? []
  assert.equal(answer && 'data' in answer && answer.data, 'web.mine')
  assert.equal(ask('9.0.0.10.in-addr.arpa', 'PTR'), undefined)
})

test('what is no plain question is refused', () => {
  assert.equal(codeOf(ask('web', 'A', { flags: 2 << 11 })), RCODE.notImplemented)
  assert.equal(codeOf(ask('web', 'A', { questions: [] })), RCODE.formatError)
  const failed = decode(encode(failureReply(query('x', 'A'), RCODE.serverFailure)))
  assert.equal(codeOf(failed), RCODE.serverFailure)
})

test('an answer that does not fit is cut off and says so', () => {
  const many: Zone = {
    ...zone,
    knows: () => true,
    addressesOf: () => Array.from({ length: 100 }, (_, at) => `10.0.1.${at}`),
  }
  const asked = query('all', 'A')
  assert.equal(udpLimitOf(asked), 512)
  const reply = replyFrom(asked, many)!
  const bytes = encodeReply(reply, udpLimitOf(asked))
  assert.ok(bytes.length <= 512)
  assert.equal(decode(bytes).flag_tc, true)
  assert.ok((decode(bytes).answers?.length ?? 0) > 20)
  assert.equal(decode(encodeReply(reply, 65_535)).answers?.length, 100)
})

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const found = readQuery(Buffer.from(bytes))
      if (found) replyFrom(found, zone)
    }),
  )
})
