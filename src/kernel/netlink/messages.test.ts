import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attribute, text, u32 } from './attributes.ts'
import { message, NLM_F, parseReplies, setSequence, unansweredMessage } from './messages.ts'

/** As the kernel writes it. */
function reply(type: number, { flags = 0, sequence = 1, body = [] as readonly Buffer[] } = {}): Buffer {
  const bytes = unansweredMessage(type, 0, ...body)
  bytes.writeUInt16LE(flags, 6)
  setSequence(bytes, sequence)
  return bytes
}

const ERROR = 2
const DONE = 3
const CAPPED = 0x100
const ACK_TLVS = 0x200

test('a request asks for an answer, one in a batch need not', () => {
  const bytes = message(16, NLM_F.create | NLM_F.excl, Buffer.of(1, 2, 3, 4))
  assert.equal(bytes.toString('hex'), '1400000010000506'.concat('0000000000000000', '01020304'))
  assert.equal(unansweredMessage(16, 0).readUInt16LE(6), NLM_F.request)
})

test('several replies in one datagram are told apart', () => {
  const things = [reply(16, { sequence: 7, body: [u32(1)] }), reply(20, { sequence: 8, flags: 0x10 })]
  const [link, address] = parseReplies(Buffer.concat(things))
  assert.deepEqual(link, { kind: 'thing', sequence: 7, type: 16, payload: u32(1), interrupted: false })
  assert.equal(address?.interrupted, true)
})

test('an answer of 0 is success, of a dump and of a request', () => {
  const success = { kind: 'answer', sequence: 1, errno: 0, words: undefined, interrupted: false }
  assert.deepEqual(parseReplies(reply(ERROR, { body: [u32(0), Buffer.alloc(16)] })), [success])
  assert.deepEqual(parseReplies(reply(DONE, { body: [u32(0)] })), [success])
  assert.deepEqual(parseReplies(reply(DONE)), [success])
})

const words = attribute(1, text('File exists, really'))
const request = message(16, 0, Buffer.alloc(20))

const FAILURES = [
  {
    name: 'an answer with the header alone',
    type: ERROR,
    flags: CAPPED | ACK_TLVS,
    rest: [request.subarray(0, 16), words],
  },
  { name: 'an answer with the whole request', type: ERROR, flags: ACK_TLVS, rest: [request, words] },
  { name: 'the end of a dump', type: DONE, flags: ACK_TLVS, rest: [words] },
] as const

for (const { name, type, flags, rest } of FAILURES) {
  test(`${name} carries the number and the kernel’s words`, () => {
    const [answer] = parseReplies(reply(type, { flags, body: [u32(-17), ...rest] }))
    assert.ok(answer?.kind === 'answer')
    assert.deepEqual([answer.errno, answer.words], [17, 'File exists, really'])
  })
}

test('an answer without words has none', () => {
  const [answer] = parseReplies(reply(ERROR, { flags: CAPPED, body: [u32(-1), Buffer.alloc(16), words] }))
  assert.ok(answer?.kind === 'answer')
  assert.deepEqual([answer.errno, answer.words], [1, undefined])
})

test('of a datagram that is cut anywhere the whole replies are read', () => {
  const bytes = Buffer.concat([reply(16, { body: [u32(1)] }), reply(16, { body: [u32(2)] }), reply(DONE)])
  for (let end = 0; end <= bytes.length; end += 1) {
    assert.equal(parseReplies(bytes.subarray(0, end)).length, end < 20 ? 0 : end < 40 ? 1 : end < bytes.length ? 2 : 3)
  }
})

test('any bytes are read to an end, true and broken ones mixed', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc
      .record({
        type: fc.constantFrom(ERROR, DONE, 16),
        flags: fc.integer({ min: 0, max: 0xffff }),
        length: fc.integer({ min: 0, max: 100 }),
        body: fc.uint8Array({ maxLength: 64 }),
      })
      .map(({ type, flags, length, body }) => {
        const bytes = reply(type, { flags, body: [Buffer.from(body)] })
        bytes.writeUInt32LE(length, 0)
        return bytes
      }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const bytes = Buffer.concat(pieces)
      assert.ok(parseReplies(bytes).length * 16 <= bytes.length)
    }),
  )
})
