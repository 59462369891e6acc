import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSilentLog, failure } from '../../../base/index.ts'
import { int64, text } from '../json/codec.ts'
import { field, record } from '../json/record.ts'
import { type Connection, empty, json, type Route } from './call.ts'
import { commonHeaders } from './exchange.ts'
import { createRouter } from './router.ts'
import { createHttpServer } from './server.ts'

const body = record<{ name: string; size: number }>('thing.Request', {
  name: field('Name', text, 'nobody'),
  size: field('Size', int64, 0),
})

/** Sends back what it gets, behind a mark, until the client ends its side. */
async function echo(connection: Connection): Promise<void> {
  await connection.write(Buffer.from('>'))
  for await (const chunk of connection.input) await connection.write(chunk)
  await connection.write(Buffer.from('<'))
}

test('plain requests get their answers, with the common headers and whatever version they name', async () => {
  await using daemon = await serve([
    { method: 'GET', path: '/things/{name:.*}/json', handler: (call) => json(200, [call.param('name'), call.version]) },
    { method: 'POST', path: '/things', handler: async (call) => json(201, await call.body.json(body)) },
    { method: 'DELETE', path: '/things', handler: () => empty(204) },
  ])
  const found = await fetchText(daemon, 'GET /v1.41/things/a/b%2Fc:d/json')
  assert.match(found, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(
    found,
    /Api-Version: 1\.51\r\nDocker-Experimental: false\r\nOstype: linux\r\nServer: Slipway\/1\.2\.3 \(linux\)\r\n/,
  )
  assert.match(found, /\["a\/b\/c:d","1\.41"\]\n$/)
  assert.match(await fetchText(daemon, 'GET /things/x/json'), /\["x","1\.51"\]/)
  assert.match(await fetchText(daemon, 'DELETE /things'), /^HTTP\/1\.1 204 No Content\r\n[\s\S]*\r\n\r\n$/)
  assert.match(
    await fetchText(daemon, 'POST /things', '{"NAME":"x","sIzE":5,"More":1}'),
    /201 Created[\s\S]*\{"name":"x","size":5\}/,
  )
})

test('requests that fit nothing are refused with the texts that clients know', async () => {
  await using daemon = await serve([
    { method: 'GET', path: '/things', handler: () => empty(204) },
    { method: 'GET', path: '/new', since: '1.50', handler: () => empty(204) },
  ])
  const cases = [
    ['GET /nothing', 404, 'page not found'],
    ['POST /things', 404, 'page not found'],
    ['GET /v1.49/new', 404, 'page not found'],
    ['GET /%zz', 404, 'page not found'],
    ['GET /v1.60/things', 400, 'client version 1.60 is too new. Maximum supported API version is 1.51'],
    [
      'GET /v1.20/things',
      400,
      'client version 1.20 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
    ],
  ] as const
  for (const [line, status, message] of cases) {
    const answer = await fetchText(daemon, line)
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), line)
    assert.ok(answer.includes(message), answer)
  }
  assert.match(await fetchText(daemon, 'GET /v1.50/new'), /^HTTP\/1\.1 204/)
})

test('a failure becomes a status, a message and a kind; not-modified has no body', async () => {
  const failing = (kind: 'conflict' | 'not-modified' | 'unavailable'): Route => ({
    method: 'POST',
    path: `/${kind}`,
    handler: () => {
      throw failure(kind, `it is ${kind}`)
    },
  })
  await using daemon = await serve([
    failing('conflict'),
    failing('not-modified'),
    { method: 'GET', path: '/bug', handler: () => Promise.reject(new TypeError('oops')) },
  ])
  assert.match(
    await fetchText(daemon, 'POST /conflict'),
    /^HTTP\/1\.1 409[\s\S]*\{"message":"it is conflict","kind":"conflict"\}\n$/,
  )
  assert.match(await fetchText(daemon, 'POST /not-modified'), /^HTTP\/1\.1 304[\s\S]*\r\n\r\n$/)
  assert.match(await fetchText(daemon, 'GET /bug'), /^HTTP\/1\.1 500[\s\S]*\{"message":"oops","kind":"internal"\}\n$/)
})

test('bodies that are no proper JSON are refused in the words of Go', async () => {
  await using daemon = await serve([
    { method: 'POST', path: '/things', handler: async (call) => json(200, await call.body.json(body)) },
  ])
  const cases = [
    ['{"Name":3}', 'invalid JSON: json: cannot unmarshal number into Go struct field Request.Name of type string'],
    ['{"Name":', 'invalid JSON: unexpected EOF'],
    ['{"Name":"a"} x', 'unexpected content after JSON'],
    ['[]', 'invalid JSON: json: cannot unmarshal array into Go value of type thing.Request'],
    [' ', 'invalid JSON: got EOF while reading request body'],
  ] as const
  for (const [sent, message] of cases) {
    const answer = await fetchText(daemon, 'POST /things', sent)
    assert.match(answer, /^HTTP\/1\.1 400/)
    assert.ok(answer.includes(JSON.stringify(message).slice(1, -1)), answer)
  }
  const other = await fetchText(daemon, 'POST /things', 'a=b', 'application/x-www-form-urlencoded')
  assert.match(
    other,
    /unsupported Content-Type header \(application\/x-www-form-urlencoded\): must be 'application\/json'/,
  )
  const large = await fetchText(daemon, 'POST /things', JSON.stringify({ Name: 'x'.repeat(9 << 20) }))
  assert.match(large, /^HTTP\/1\.1 400[\s\S]*request body too large/)
})

test('an upgraded connection carries bytes both ways, each side ended for itself', async () => {
  let given: unknown
  await using daemon = await serve([
    {
      method: 'POST',
      path: '/exec/{id}/start',
      hijack: true,
      handler: async (call) => {
        given = await call.body.json(body)
        return { kind: 'hijack', contentType: 'application/vnd.docker.multiplexed-stream', run: echo }
      },
    },
  ])
  const head =
    'POST /exec/1/start HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\n'
  const answers = {
    'with a length': `${head}Content-Length: 12\r\n\r\n{"Name":"a"}early `,
    chunked: `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"Nam\r\n7\r\ne":"a"}\r\n0\r\n\r\nearly `,
  }
  for (const [name, sent] of Object.entries(answers)) {
    const client = await open(daemon)
    client.write(sent)
    const reading = readAll(client)
    await once(client, 'readable')
    client.end('late')
    assert.equal(
      await reading,
      'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n' +
        'Api-Version: 1.51\r\nDocker-Experimental: false\r\nOstype: linux\r\nServer: Slipway/1.2.3 (linux)\r\n\r\n>early late<',
      name,
    )
    assert.deepEqual(given, { name: 'a', size: 0 })
  }
})

test('a connection is taken over without an upgrade as well, and an upgrade that fails is answered', async () => {
  await using daemon = await serve([
    {
      method: 'POST',
      path: '/attach',
      hijack: true,
      handler: () => ({ kind: 'hijack', contentType: 'x/y', run: echo }),
    },
    { method: 'POST', path: '/plain', handler: () => empty(204) },
    {
      method: 'POST',
      path: '/missing',
      hijack: true,
      handler: () => {
        throw failure('not-found', 'No such container: x')
      },
    },
  ])
  const client = await open(daemon)
  client.write('POST /attach HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
  const reading = readAll(client)
  await once(client, 'readable')
  client.end('input')
  const taken = await reading
  assert.match(taken, /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/)
  assert.match(taken, /\r\n\r\n>input<$/)
  const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\n'
  const refused = await fetchText(daemon, 'POST /missing', undefined, undefined, upgrade)
  assert.match(refused, /^HTTP\/1\.1 404[\s\S]*\{"message":"No such container: x","kind":"not-found"\}\n$/)
  assert.match(
    await fetchText(daemon, 'POST /plain', undefined, undefined, 'Connection: close, Upgrade\r\nUpgrade: h2c\r\n'),
    /204/,
  )
})

test('a raw connection waits for a slow reader and ends when the client goes', async () => {
  const ended = Promise.withResolvers<unknown>()
  let written = 0
  await using daemon = await serve([
    {
      method: 'POST',
      path: '/attach',
      hijack: true,
      handler: () => ({
        kind: 'hijack',
        contentType: 'x/y',
        run: async (connection) => {
          const block = Buffer.alloc(1 << 16)
          try {
            for (;;) {
              await connection.write(block)
              written += block.length
            }
          } catch (error) {
            ended.resolve(error)
          }
        },
      }),
    },
  ])
  const client = await open(daemon)
  client.write('POST /attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  await once(client, 'readable')
  client.destroy()
  assert.match(String(await ended.promise), /the client has closed the connection/)
  assert.ok(written < 4 << 20, `${written} bytes went into a connection nobody reads`)
})

test('a stream begins at once, and the signal fires when its reader goes or the server closes', async () => {
  const gone = Promise.withResolvers<void>()
  await using daemon = await serve([
    {
      method: 'GET',
      path: '/events',
      handler: ({ signal }) => ({
        kind: 'stream',
        contentType: 'application/json',
        begin: 'at-once',
        chunks: (async function* () {
          const stopped = Promise.withResolvers<void>()
          signal.addEventListener('abort', () => stopped.resolve(), { once: true })
          await stopped.promise
          gone.resolve()
          yield 'last'
        })(),
      }),
    },
  ])
  const first = await open(daemon)
  first.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(first, 'readable')
  assert.match(String(first.read()), /^HTTP\/1\.1 200 OK/)
  first.destroy()
  await gone.promise
  const second = await open(daemon)
  second.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(second, 'readable')
  await daemon.close()
  assert.match(await readAll(second), /last/)
})

interface Served extends AsyncDisposable {
  readonly path: string
  close(): Promise<void>
}

async function serve(routes: readonly Route[]): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-http-'))
  const path = join(folder, 's')
  const { server, close } = createHttpServer({
    router: createRouter(routes),
    headers: commonHeaders({ version: '1.2.3', experimental: false }),
    log: createSilentLog(),
  })
  server.listen(path)
  await once(server, 'listening')
  const closed = Promise.withResolvers<void>()
  let closing: Promise<void> | undefined
  const shut = () => {
    closing ??= close({ grace: 1000 }).then(closed.resolve)
    return closing
  }
  return {
    path,
    close: shut,
    async [Symbol.asyncDispose]() {
      await shut()
      rmSync(folder, { recursive: true })
    },
  }
}

async function open({ path }: Served): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer)
  socket.end()
  return Buffer.concat(chunks).toString()
}

async function fetchText(
  daemon: Served,
  line: string,
  body?: string,
  type = 'application/json',
  more = '',
): Promise<string> {
  const socket = await open(daemon)
  const entity = body === undefined ? '' : `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  const connection = more.includes('Connection:') ? '' : 'Connection: close\r\n'
  socket.write(`${line} HTTP/1.1\r\nHost: x\r\n${connection}${more}${entity}\r\n${body ?? ''}`)
  return readAll(socket)
}
