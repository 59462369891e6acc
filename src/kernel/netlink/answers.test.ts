import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KernelError } from '../native/kernel-error.ts'
import { collectAnswers } from './answers.ts'
import { u32 } from './attributes.ts'
import { setSequence, unansweredMessage } from './messages.ts'

const what = 'list links'

function thing(sequence: number, { type = 16, flags = 0, value = 0 } = {}): Buffer {
  const bytes = unansweredMessage(type, 0, u32(value))
  bytes.writeUInt16LE(flags, 6)
  setSequence(bytes, sequence)
  return bytes
}

const answer = (sequence: number, errno = 0): Buffer => thing(sequence, { type: 2, value: -errno })
const done = (sequence: number): Buffer => thing(sequence, { type: 3 })

/** Gives one datagram after the other and fails as a socket does whose kernel says no more. */
function receiver(...datagrams: readonly Buffer[]): () => Buffer {
  const left = [...datagrams]
  return () => {
    const next = left.shift()
    if (!next) throw new KernelError(11, 'recv')
    return next
  }
}

function collect(receive: () => Buffer, { first = 1, count = 1 } = {}) {
  const values: number[] = []
  const { interrupted } = collectAnswers(receive, { first, count, what }, ({ payload }) => {
    values.push(payload.readUInt32LE(0))
  })
  return { values, interrupted }
}

test('a list that comes in several datagrams is read to its end', () => {
  const first = Buffer.concat([thing(1, { value: 10 }), thing(1, { value: 11 })])
  const receive = receiver(first, thing(1, { value: 12 }), done(1))
  assert.deepEqual(collect(receive), { values: [10, 11, 12], interrupted: false })
})

test('one interrupted piece spoils the list', () => {
  assert.equal(collect(receiver(thing(1), thing(1, { flags: 0x10 }), thing(1), done(1))).interrupted, true)
  assert.equal(collect(receiver(thing(1), thing(1, { type: 3, flags: 0x10 }))).interrupted, true)
})

test('every request of several has its answer, and the first failure is thrown after the last', () => {
  const receive = receiver(Buffer.concat([answer(1), answer(2, 17)]), answer(3, 1), answer(4))
  assert.throws(() => collect(receive, { count: 4 }), {
    name: 'KernelError',
    code: 'EEXIST',
    syscall: 'netlink',
    path: what,
  })
  assert.throws(receive, { code: 'EAGAIN' })
})

test('what belongs to earlier requests is passed over', () => {
  const receive = receiver(
    thing(4, { value: 1 }),
    answer(4, 1),
    Buffer.concat([done(3), thing(5, { value: 2 }), done(5)]),
  )
  assert.deepEqual(collect(receive, { first: 5 }).values, [2])
})

test('numbers may pass 2^32', () => {
  const first = 2 ** 32 - 1
  assert.throws(() => collect(receiver(answer(first - 1, 1), answer(first), answer(0, 2)), { first, count: 2 }), {
    code: 'ENOENT',
  })
})

test('a kernel that says no more ends the wait with what the socket says', () => {
  assert.throws(() => collect(receiver(thing(1))), { code: 'EAGAIN' })
})

test('whatever arrives, collecting ends', () => {
  const known = fc.constantFrom(thing(1), answer(1), answer(1, 17), done(1), thing(0), Buffer.alloc(0))
  const broken = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes))
  const datagram = fc.array(fc.oneof(known, broken), { maxLength: 4 }).map((parts) => Buffer.concat(parts))
  const count = fc.integer({ min: 1, max: 5 })
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 8 }), count, (datagrams, expected) => {
      try {
        collectAnswers(receiver(...datagrams), { first: 1, count: expected, what }, () => {})
      } catch (error) {
        assert.ok(error instanceof KernelError)
      }
    }),
  )
})
