import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { importBusybox } from '../../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts'
import { type AnswerChecker, createAnswerChecker, SPEC_MISSING } from '../../fixtures/openapi.ts'

let daemon: TestDaemon
let checker: AnswerChecker

before(async () => {
  if (SPEC_MISSING) return
  checker = createAnswerChecker()
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon?.[Symbol.asyncDispose]())

/** Asks, compares the answer with the description, and gives its JSON body, of a stream the first line. */
async function ask<T = unknown>(
  method: string,
  path: string,
  { status, body }: { status: number; body?: unknown },
): Promise<T> {
  const answer = await daemon.http(method, `/v1.51${path}`, body)
  const text = answer.body.toString()
  assert.equal(answer.status, status, `${method} ${path}: ${text}`)
  const isJson = String(answer.headers['content-type']).startsWith('application/json')
  const parsed: unknown = isJson ? JSON.parse(text.split('\n', 1)[0] ?? '') : text
  assert.deepEqual(checker.check({ method, path: path.split('?', 1)[0] ?? '', status, body: parsed }), [])
  return parsed as T
}

const skip = SPEC_MISSING

test('the system answers as described', { skip }, async () => {
  await ask('GET', '/_ping', { status: 200 })
  await ask('GET', '/version', { status: 200 })
  await ask('GET', '/info', { status: 200 })
  await ask('GET', '/system/df', { status: 200 })
  await ask('GET', '/system/df?type=nonsense', { status: 400 })
  await ask('GET', '/plugins', { status: 200 })
  for (const path of ['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs']) {
    const { message } = await ask<{ message: string }>('GET', path, { status: 503 })
    assert.match(message, /^This node is not a swarm manager\. Use "docker swarm init"/)
  }
  await ask('POST', '/swarm/leave', { status: 503 })
  await ask('POST', '/build', { status: 501 })
})

test('a container answers as described through its whole life', { skip }, async () => {
  const HostConfig = {
    Memory: 64 << 20,
    PortBindings: { '80/tcp': [{ HostPort: '' }] },
    Mounts: [{ Type: 'volume', Source: 'answers', Target: '/data' }],
    Binds: ['/etc/hostname:/host'],
    Tmpfs: { '/scratch': 'size=1m' },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
  }
  const body = {
    Image: 'busybox',
    Cmd: ['sleep', '600'],
    Labels: { a: 'b' },
    ExposedPorts: { '80/tcp': {}, '81/udp': {} },
    HostConfig,
  }
  const { Id } = await ask<{ Id: string }>('POST', '/containers/create?name=life', { status: 201, body })
  await ask('POST', '/containers/create?name=life', { status: 409, body })
  await ask('POST', '/containers/create', { status: 404, body: { Image: 'absent' } })
  await ask('POST', '/containers/create', { status: 400, body: { Image: 'busybox', HostConfig: { Memory: 'much' } } })
  await ask('GET', `/containers/${Id}/json`, { status: 200 })
  await ask('POST', `/containers/${Id}/start`, { status: 204 })
  await ask('POST', `/containers/${Id}/start`, { status: 304 })
  await ask('GET', `/containers/${Id}/json?size=1`, { status: 200 })
  await ask('GET', '/containers/json?all=1&size=1', { status: 200 })
  await ask('GET', '/containers/json?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D', { status: 400 })
  await ask('GET', '/networks/bridge', { status: 200 })
  await ask('GET', `/containers/${Id}/top`, { status: 200 })
  await ask('POST', `/containers/${Id}/resize?h=x&w=1`, { status: 400 })
  await ask('GET', `/containers/${Id}/logs`, { status: 400 })
  await ask('GET', `/containers/${Id}/logs?stdout=1`, { status: 200 })
  await ask('POST', `/containers/${Id}/pause`, { status: 204 })
  await ask('POST', `/containers/${Id}/unpause`, { status: 204 })
  await ask('POST', `/containers/${Id}/rename?name=renamed`, { status: 204 })
  await ask('POST', `/containers/${Id}/kill?signal=NONSENSE`, { status: 400 })
  await ask('DELETE', `/containers/${Id}`, { status: 409 })
  await ask('POST', `/containers/${Id}/stop?t=0`, { status: 204 })
  await ask('POST', `/containers/${Id}/stop`, { status: 304 })
  await ask('POST', `/containers/${Id}/kill`, { status: 409 })
  await ask('POST', `/containers/${Id}/wait`, { status: 200 })
  await ask('GET', `/containers/${Id}/json`, { status: 200 })
  await ask('GET', '/system/df', { status: 200 })
  await ask('DELETE', `/containers/${Id}?v=1`, { status: 204 })
  await ask('GET', `/containers/${Id}/json`, { status: 404 })
  await ask('POST', '/containers/prune', { status: 200 })
})

test('a command in a container answers as described', { skip }, async () => {
  const body = { Image: 'busybox', Cmd: ['sleep', '600'] }
  const { Id } = await ask<{ Id: string }>('POST', '/containers/create', { status: 201, body })
  await ask('POST', `/containers/${Id}/exec`, { status: 409, body: { Cmd: ['true'] } })
  await ask('POST', `/containers/${Id}/start`, { status: 204 })
  await ask('POST', `/containers/${Id}/exec`, { status: 400, body: { Cmd: [] } })
  const exec = await ask<{ Id: string }>('POST', `/containers/${Id}/exec`, { status: 201, body: { Cmd: ['true'] } })
  await ask('GET', `/exec/${exec.Id}/json`, { status: 200 })
  await ask('POST', `/exec/${exec.Id}/start`, { status: 200, body: { Detach: true } })
  await ask('GET', `/exec/${exec.Id}/json`, { status: 200 })
  await ask('GET', '/exec/absent/json', { status: 404 })
  await ask('POST', '/exec/absent/start', { status: 404, body: {} })
})

test('images answer as described', { skip }, async () => {
  await ask('GET', '/images/json?manifests=1&shared-size=1&all=1', { status: 200 })
  await ask('GET', '/images/busybox/json?manifests=1', { status: 200 })
  await ask('GET', '/images/absent/json', { status: 404 })
  await ask('GET', '/images/busybox/history', { status: 200 })
  await ask('POST', '/images/busybox/tag?repo=host:5000/a/b&tag=2', { status: 201 })
  await ask('POST', '/images/busybox/tag?repo=A%20B', { status: 400 })
  await ask('GET', '/images/host:5000/a/b:2/json', { status: 200 })
  await ask('DELETE', '/images/host:5000/a/b:2', { status: 200 })
  await ask('DELETE', '/images/absent', { status: 404 })
  await ask('POST', '/images/prune', { status: 200 })
  await ask('GET', '/images/busybox/get', { status: 200 })
  const { message } = await ask<{ message: string }>('POST', '/images/create?fromImage=127.0.0.1:9/a&tag=1', {
    status: 500,
  })
  assert.match(message, /^Get "http:\/\/127.0.0.1:9\/v2\/": dial tcp 127.0.0.1:9: connect: connection refused$/)
})

test('networks and volumes answer as described', { skip }, async () => {
  await ask('GET', '/networks', { status: 200 })
  await ask('GET', '/networks/host', { status: 200 })
  await ask('GET', '/networks/absent', { status: 404 })
  await ask('POST', '/volumes/create', { status: 201, body: { Name: 'told', Labels: { a: 'b' } } })
  await ask('GET', '/volumes', { status: 200 })
  await ask('GET', '/volumes/told', { status: 200 })
  await ask('GET', '/volumes/absent', { status: 404 })
  await ask('DELETE', '/volumes/told', { status: 204 })
  await ask('DELETE', '/volumes/told', { status: 404 })
  await ask('POST', '/volumes/prune', { status: 200 })
})

test('events are told as described', { skip }, async () => {
  await ask('GET', `/events?since=0&until=${Date.now() / 1000}`, { status: 200 })
  await ask('GET', '/events?since=yesterday', { status: 400 })
})
