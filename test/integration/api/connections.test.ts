import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { importBusybox } from '../../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: tcp\r\n'

/** A connection whose bytes are read as they come, until a text is there or the other side has ended. */
interface Client extends Disposable {
  readonly socket: Socket
  until(text: string): Promise<string>
  end(): Promise<Buffer>
}

async function open(request: string): Promise<Client> {
  const socket = connect({ path: daemon.socket, allowHalfOpen: true })
  const ended = once(socket, 'end')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(request)
  const read = (): string => Buffer.concat(chunks).toString('latin1')
  return {
    socket,
    until: (text) => waitFor(() => read().includes(text) && read(), { what: `${JSON.stringify(text)} in an answer` }),
    async end() {
      await ended
      return Buffer.concat(chunks)
    },
    [Symbol.dispose]: () => socket.destroy(),
  }
}

function post(path: string, { headers = UPGRADE, body = '' }: { headers?: string; body?: string } = {}): string {
  const type = body === '' ? 'text/plain' : 'application/json'
  return `POST ${path} HTTP/1.1\r\nHost: d\r\n${headers}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

async function create(body: object, query = ''): Promise<string> {
  const answer = await daemon.http('POST', `/containers/create${query}`, { Image: 'busybox', ...body })
  assert.equal(answer.status, 201, answer.body.toString())
  return answer.json<{ Id: string }>().Id
}

async function run(body: object): Promise<string> {
  const id = await create(body)
  assert.equal((await daemon.http('POST', `/containers/${id}/start`)).status, 204)
  return id
}

/** Takes an answer apart into its head and the frames that follow it. */
function parseFrames(answer: Buffer): { readonly head: string; readonly frames: readonly [number, string][] } {
  const blank = answer.indexOf('\r\n\r\n') + 4
  const frames: [number, string][] = []
  for (let at = blank; at < answer.length; at += 8 + answer.readUInt32BE(at + 4)) {
    frames.push([answer[at] ?? 0, answer.toString('utf8', at + 8, at + 8 + answer.readUInt32BE(at + 4))])
  }
  return { head: answer.toString('utf8', 0, blank), frames }
}

function textOf(frames: readonly (readonly [number, string])[], stream: number): string {
  return frames.flatMap(([number, text]) => (number === stream ? [text] : [])).join('')
}

test('attach before start gets everything in frames, and input ends for itself', async () => {
  const id = await create({ Cmd: ['sh', '-c', 'cat; echo err >&2'], OpenStdin: true, StdinOnce: true })
  using client = await open(post(`/v1.51/containers/${id}/attach?stdin=1&stdout=1&stderr=1&stream=1`))
  await client.until('\r\n\r\n')
  await daemon.http('POST', `/containers/${id}/start`)
  client.socket.end('typed')
  const { head, frames } = parseFrames(await client.end())
  assert.match(
    head,
    /^HTTP\/1\.1 101 UPGRADED\r\nContent-Type: application\/vnd\.docker\.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n/,
  )
  assert.equal(textOf(frames, 1), 'typed')
  assert.equal(textOf(frames, 2), 'err\n')
})

test('the type of the stream depends on the version and on the terminal', async () => {
  const types: Record<string, string> = {}
  for (const [name, Tty, version] of [
    ['old', false, '1.41'],
    ['tty', true, '1.51'],
    ['new', false, '1.42'],
  ] as const) {
    const id = await run({ Cmd: ['sleep', '600'], Tty })
    using client = await open(post(`/v${version}/containers/${id}/attach?stdout=1&stream=1`))
    types[name] = /Content-Type: (\S+)/.exec(await client.until('\r\n\r\n'))?.[1] ?? ''
  }
  const raw = 'application/vnd.docker.raw-stream'
  assert.deepEqual(types, { old: raw, tty: raw, new: 'application/vnd.docker.multiplexed-stream' })
})

test('what a client sends with the request for exec is not lost', async () => {
  const id = await run({ Cmd: ['sleep', '600'] })
  const body = { Cmd: ['cat'], AttachStdin: true, AttachStdout: true, AttachStderr: true }
  const exec = (await daemon.http('POST', `/containers/${id}/exec`, body)).json<{ Id: string }>()
  using client = await open(`${post(`/exec/${exec.Id}/start`, { body: '{"Detach":false,"Tty":false}' })}early `)
  await client.until('early')
  client.socket.end('late')
  assert.equal(textOf(parseFrames(await client.end()).frames, 1), 'early late')
  const ended = async () =>
    (await daemon.http('GET', `/exec/${exec.Id}/json`)).json<{ ExitCode: number | null }>().ExitCode
  assert.equal(await waitFor(async () => (await ended()) === 0 && 'zero', { what: 'the exit code' }), 'zero')
})

test('a connection is taken over for clients that ask for no upgrade', async () => {
  const id = await create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true })
  using client = await open(post(`/containers/${id}/attach?stdin=1&stdout=1&stream=1`, { headers: '' }))
  await client.until('\r\n\r\n')
  await daemon.http('POST', `/containers/${id}/start`)
  client.socket.end('typed')
  const { head, frames } = parseFrames(await client.end())
  assert.match(head, /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/)
  assert.deepEqual(frames, [[1, 'typed']])
})

test('a command that cannot run is told on the connection, its exit code afterwards', async () => {
  const id = await run({ Cmd: ['sleep', '600'] })
  const body = { Cmd: ['/absent'], AttachStdout: true }
  const exec = (await daemon.http('POST', `/containers/${id}/exec`, body)).json<{ Id: string }>()
  using client = await open(post(`/exec/${exec.Id}/start`, { body: '{}' }))
  const { head, frames } = parseFrames(await client.end())
  assert.match(head, /^HTTP\/1\.1 101 /)
  assert.match(textOf(frames, 1), /exec: "\/absent": .*no such file or directory/)
  assert.equal((await daemon.http('GET', `/exec/${exec.Id}/json`)).json<{ ExitCode: number }>().ExitCode, 127)
  using again = await open(post(`/exec/${exec.Id}/start`, { body: '{}' }))
  again.socket.end()
  assert.match((await again.end()).toString(), /^HTTP\/1\.1 409 .*has already run/s)
})

test('clients that go away leave nothing behind', async () => {
  const id = await run({ Cmd: ['sh', '-c', 'while sleep 0.01; do echo tick; done'], OpenStdin: true })
  const quiet = await run({ Cmd: ['sleep', '600'], OpenStdin: true })
  const files = (): number => readdirSync(`/proc/${daemon.pid}/fd`).length
  await daemon.http('GET', '/_ping')
  const before = files()
  const paths = [
    post(`/containers/${id}/attach?stdin=1&stdout=1&stderr=1&stream=1`),
    post(`/containers/${quiet}/attach?stdin=1&stdout=1&stderr=1&stream=1`),
    post(`/containers/${quiet}/attach?stdout=1&stream=1`, { headers: '' }),
    post(`/containers/${quiet}/wait`),
    `GET /containers/${id}/logs?stdout=1&follow=1 HTTP/1.1\r\nHost: d\r\n\r\n`,
    `GET /events HTTP/1.1\r\nHost: d\r\n\r\n`,
  ]
  for (let round = 0; round < 5; round += 1) {
    for (const path of paths) {
      using client = await open(path)
      await client.until('\r\n\r\n')
    }
  }
  await waitFor(() => files() <= before, { what: `no more than ${before} open files` })
  assert.equal(
    (await daemon.http('GET', `/containers/${id}/json`)).json<{ State: { Running: boolean } }>().State.Running,
    true,
  )
})

test('wait answers its head at once and the exit code later', async () => {
  const id = await create({ Cmd: ['sh', '-c', 'exit 7'] })
  using client = await open(
    post(`/v1.51/containers/${id}/wait?condition=next-exit`, { headers: 'Connection: close\r\n' }),
  )
  assert.match(await client.until('\r\n\r\n'), /^HTTP\/1\.1 200 OK/)
  await daemon.http('POST', `/containers/${id}/start`)
  assert.match((await client.end()).toString(), /\{"StatusCode":7\}/)
  const answer = await daemon.http('POST', `/containers/${id}/wait?condition=nonsense`)
  assert.deepEqual([answer.status, answer.json<{ message: string }>().message], [400, 'invalid condition: "nonsense"'])
})

test('logs begin before there are any, and end with the container', async () => {
  const id = await run({ Cmd: ['sh', '-c', 'sleep 1; echo out; echo err >&2'] })
  const path = `/v1.51/containers/${id}/logs?stdout=1&stderr=1&follow=1`
  using client = await open(`GET ${path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n`)
  const head = await client.until('\r\n\r\n')
  assert.match(head, /Content-Type: application\/vnd\.docker\.multiplexed-stream\r\n/)
  assert.ok(!head.includes('out'))
  assert.match((await client.end()).toString(), /out\n[\s\S]*err\n/)
})

test('events come as they happen, chosen by filter, and end at the time that was said', async () => {
  const filters = encodeURIComponent(
    JSON.stringify({ type: { container: true }, event: { create: true, start: true } }),
  )
  const until = Date.now() / 1000 + 3
  const path = `/v1.51/events?since=${Date.now() / 1000}&until=${until}&filters=${filters}`
  using client = await open(`GET ${path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n`)
  await client.until('\r\n\r\n')
  const id = await run({ Cmd: ['true'], Labels: { tier: 'front' } })
  await client.until('"start"')
  const lines = (await client.end()).toString().match(/\{.*\}/g) ?? []
  const events = lines.map((line) => JSON.parse(line) as Record<string, string> & { Actor: { Attributes: object } })
  assert.deepEqual(
    events.map(({ Action }) => Action),
    ['create', 'start'],
  )
  const [first] = events
  assert.deepEqual(
    [first?.Type, first?.scope, first?.status, first?.id, first?.from],
    ['container', 'local', 'create', id, 'busybox'],
  )
  assert.partialDeepStrictEqual(first?.Actor.Attributes, { tier: 'front', image: 'busybox' })
  assert.match(lines[0] ?? '', /"time":\d{10},"timeNano":\d{19}\}$/)
})
