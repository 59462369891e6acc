import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

interface BadRequest {
  readonly title: string
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly status: number
  readonly message: RegExp
}

const CASES: readonly BadRequest[] = [
  { title: 'a page that does not exist', method: 'GET', path: '/nonsense', status: 404, message: /page not found/ },
  {
    title: 'an image that does not exist',
    path: '/containers/create',
    body: { Image: 'absent' },
    status: 404,
    message: /No such image: absent:latest/,
  },
  {
    title: 'an image name that is none',
    path: '/containers/create',
    body: { Image: 'A B' },
    status: 400,
    message: /invalid reference format/,
  },
  {
    title: 'a container name that is none',
    path: '/containers/create?name=a%20b',
    body: { Image: 'busybox' },
    status: 400,
    message: /Invalid container name \(a b\)/,
  },
  {
    title: 'no command at all',
    path: '/containers/create',
    body: { Image: 'busybox', Cmd: [], Entrypoint: [''] },
    status: 400,
    message: /[Nn]o command specified/,
  },
  {
    title: 'a body that is not JSON',
    path: '/containers/create',
    body: '{"Image":',
    status: 400,
    message: /unexpected (?:EOF|end of JSON)|invalid JSON/,
  },
  {
    title: 'a body of the wrong shape',
    path: '/containers/create',
    body: { Image: 7 },
    status: 400,
    message: /cannot unmarshal number into Go struct field .*Image of type string/,
  },
  {
    title: 'a container that does not exist',
    path: '/containers/absent/start',
    status: 404,
    message: /No such container: absent/,
  },
  {
    title: 'filters that are not JSON',
    method: 'GET',
    path: '/containers/json?filters=x',
    status: 400,
    message: /invalid character 'x'/,
  },
  {
    title: 'an API version of the future',
    method: 'GET',
    path: '/v9.99/info',
    status: 400,
    message: /client version 9\.99 is too new/,
  },
]

for (const { title, method = 'POST', path, body, status, message } of CASES) {
  test(`request: ${title} is refused`, async () => {
    const contentType = typeof body === 'string' ? { 'Content-Type': 'application/json' } : undefined
    const answer = await daemon.http(method, path, body, contentType)
    assert.equal(answer.status, status, answer.body.toString())
    assert.match(answer.json<{ message: string }>().message, message)
  })
}

test('every path works with a version and without, and the answer tells what the server speaks', async () => {
  for (const path of ['/_ping', '/v1.24/_ping', '/v1.40/_ping']) {
    const { status, headers, body } = await daemon.http('GET', path)
    assert.deepEqual([status, body.toString()], [200, 'OK'])
    assert.match(String(headers['api-version']), /^1\.\d\d$/)
    assert.equal(headers.ostype, 'linux')
  }
  const head = await daemon.http('HEAD', '/_ping')
  assert.deepEqual([head.status, head.body.length], [200, 0])
})

test('the client negotiates down to an old version of the API', async () => {
  for (const version of ['1.24', '1.40']) {
    const env = { ...daemon.env, DOCKER_API_VERSION: version }
    assert.equal(await daemon.output(['run', '--rm', 'busybox', 'echo', version], { env }), version)
  }
})

test('a body without end is cut off, and the daemon lives on', async () => {
  const socket = connect(daemon.socket)
  socket.on('error', () => {})
  socket.write(
    'POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
  let sent = 0
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  const closed = once(socket, 'close')
  while (!socket.destroyed && answer === '' && sent < 512 << 20) {
    sent += chunk.length
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
  }
  socket.destroy()
  assert.ok(sent < 512 << 20, 'half a gibibyte of spaces was taken as a request')
  assert.match(answer, /^(?:HTTP\/1\.1 4\d\d |$)/)
  assert.equal((await daemon.http('GET', '/_ping')).status, 200)
})

test('a client that goes away in the middle disturbs nobody', async () => {
  for (let round = 0; round < 20; round += 1) {
    const socket = connect(daemon.socket)
    socket.on('error', () => {})
    socket.write('POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 100\r\n\r\n{"Image"')
    await once(socket, 'connect')
    socket.destroy()
  }
  assert.equal(await daemon.output(['run', '--rm', 'busybox', 'echo', 'fine']), 'fine')
})
