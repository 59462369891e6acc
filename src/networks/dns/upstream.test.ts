import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { decode, encode } from 'dns-packet'
import { askUpstreams, firstMessage, framed } from './upstream.ts'

const query = encode({
  type: 'query',
  id: 99,
  flags: 0x100,
  questions: [{ type: 'A', name: 'a.example', class: 'IN' }],
})

function reply(asked: Buffer, { flags = 0, id }: { flags?: number; id?: number } = {}): Buffer {
  const { id: own, questions } = decode(asked)
  const answers = [{ type: 'A' as const, name: 'a.example', data: '192.0.2.1', ttl: 1 }]
  return encode({ type: 'response', id: id ?? own ?? 0, flags, questions: questions ?? [], answers })
}

/** A name server on a port of its own; `answer` gives the packets that come back. */
async function serverOf(address: string, port: number, answer: (asked: Buffer) => Buffer[]) {
  const socket = createSocket('udp4')
  socket.on('message', (asked, from) => {
    for (const bytes of answer(asked)) socket.send(bytes, from.port, from.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return { port: socket.address().port, [Symbol.dispose]: () => void socket.close() }
}

const dataOf = (bytes: Buffer) => decode(bytes).answers?.map((answer) => ('data' in answer ? answer.data : ''))

test('guesses with another id are passed over', async () => {
  using server = await serverOf('127.0.0.1', 0, (asked) => [reply(asked, { id: 98 }), asked, reply(asked)])
  const answer = await askUpstreams(query, { servers: ['127.0.0.1'], transport: 'udp', port: server.port })
  assert.equal(decode(answer).id, 99)
  assert.deepEqual(dataOf(answer), ['192.0.2.1'])
})

test('the next server is asked when one is not there or fails', async () => {
  using server = await serverOf('127.0.0.2', 0, (asked) => [reply(asked)])
  using _failing = await serverOf('127.0.0.3', server.port, (asked) => [reply(asked, { flags: 2 })])
  const options = { transport: 'udp', port: server.port } as const
  const answer = await askUpstreams(query, { ...options, servers: ['127.0.0.4', '127.0.0.3', '127.0.0.2'] })
  assert.equal((decode(answer).flags ?? 0) & 0x0f, 0)
  const poor = await askUpstreams(query, { ...options, servers: ['127.0.0.3', '127.0.0.4'] })
  assert.equal((decode(poor).flags ?? 0) & 0x0f, 2)
  await assert.rejects(askUpstreams(query, { ...options, servers: ['127.0.0.4'] }), { kind: 'unavailable' })
  await assert.rejects(askUpstreams(query, { ...options, servers: [] }), { kind: 'unavailable' })
})

test('by TCP the message goes behind its length, in whatever pieces', async () => {
  const server = createServer((connection) => {
    let received = Buffer.alloc(0)
    connection.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const asked = firstMessage(received)
      if (!asked) return
      const bytes = framed(reply(asked))
      connection.write(bytes.subarray(0, 3))
      setImmediate(() => connection.end(bytes.subarray(3)))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const answer = await askUpstreams(query, { servers: ['127.0.0.1'], transport: 'tcp', port })
  assert.deepEqual(dataOf(answer), ['192.0.2.1'])
  server.close()
})
