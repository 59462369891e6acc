import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { runCommand } from '../fixtures/command.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { fetchPage, SERVE_PAGE } from '../fixtures/page.ts'
import { waitFor } from '../fixtures/wait-for.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

async function serve(name: string, ...flags: string[]): Promise<void> {
  await daemon.output(['run', '-d', '--name', name, '--hostname', name, ...flags, 'busybox', ...SERVE_PAGE])
}

/** The host's side of a published port, as docker prints it. */
async function hostPort(name: string, port: string): Promise<string> {
  const lines = (await daemon.output(['port', name, port])).split('\n')
  return lines[0]?.split(':').at(-1) ?? ''
}

async function hostAddress(): Promise<string> {
  const { stdout } = await runCommand('ip', ['-4', '-o', 'addr', 'show', 'scope', 'global', 'up'])
  const line = stdout.split('\n').find((text) => !/\b(?:slp|slipway|docker|br-|veth|sl[0-9a-f]{12})/.test(text))
  return /inet ([\d.]+)/.exec(line ?? '')?.[1] ?? ''
}

test('a published port answers on loopback and on the address of the host', async () => {
  await serve('web', '-p', '80')
  const port = await hostPort('web', '80/tcp')
  assert.equal(await fetchPage(`127.0.0.1:${port}`), 'page of web')
  const address = await hostAddress()
  if (address) assert.equal(await fetchPage(`${address}:${port}`), 'page of web')
  const bindings = await daemon.output(['inspect', '-f', '{{json .NetworkSettings.Ports}}', 'web'])
  assert.match(bindings, new RegExp(`"80/tcp":\\[\\{"HostIp":"0\\.0\\.0\\.0","HostPort":"${port}"`))
  assert.match(
    await daemon.output(['ps', '--format', '{{.Ports}}', '--filter', 'name=web']),
    new RegExp(`0\\.0\\.0\\.0:${port}->80/tcp`),
  )
  await daemon.output(['rm', '-f', 'web'])
})

test('a container reaches the published port of another through the host, and its own', async () => {
  await serve('target', '-p', '80')
  const port = await hostPort('target', '80/tcp')
  await fetchPage(`127.0.0.1:${port}`)
  const gateway = await daemon.output(['inspect', '-f', '{{.NetworkSettings.Gateway}}', 'target'])
  const url = `http://${gateway}:${port}/`
  const get = ['timeout', '5', 'wget', '-q', '-O', '-']
  assert.equal(await daemon.output(['run', '--rm', 'busybox', ...get, url]), 'page of target')
  assert.equal(await daemon.output(['exec', 'target', ...get, url]), 'page of target')
  await daemon.output(['rm', '-f', 'target'])
})

test('a port is taken for everybody else, and free again when the container has gone', async () => {
  await serve('first', '-p', '127.0.0.1::80')
  const port = await hostPort('first', '80/tcp')
  const second = await daemon.docker(['run', '-d', '--name', 'second', '-p', `127.0.0.1:${port}:80`, 'busybox', 'true'])
  assert.equal(second.code, 125)
  assert.match(second.stderr, new RegExp(`Bind for 127\\.0\\.0\\.1:${port} failed: port is already allocated`))
  await daemon.output(['rm', '-f', 'first', 'second'])
  const server = createServer().listen(Number(port), '127.0.0.1')
  await once(server, 'listening')
  server.close()
})

test('a port that a process of the host holds is refused', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  try {
    const { code, stderr } = await daemon.docker(['run', '--rm', '-p', `127.0.0.1:${port}:80`, 'busybox', 'true'])
    assert.equal(code, 125)
    assert.match(stderr, /address already in use|port is already allocated/)
  } finally {
    server.close()
  }
})

test('a range is published port by port, and -P publishes what the image exposes', async () => {
  await serve('range', '-p', '127.0.0.1:41280-41282:80-82', '--expose', '9000', '-P')
  const lines = (await daemon.output(['port', 'range'])).split('\n').sort()
  assert.deepEqual(lines.slice(0, 3), [
    '80/tcp -> 127.0.0.1:41280',
    '81/tcp -> 127.0.0.1:41281',
    '82/tcp -> 127.0.0.1:41282',
  ])
  assert.match(lines[3] ?? '', /^9000\/tcp -> 0\.0\.0\.0:\d+$/)
  assert.equal(await fetchPage('127.0.0.1:41280'), 'page of range')
  await daemon.output(['rm', '-f', 'range'])
})

test('containers of the bridge have addresses of its subnet and reach each other', async () => {
  await serve('peer')
  const address = await daemon.output(['inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'peer'])
  const get = async (): Promise<string | false> => {
    const { code, stdout } = await daemon.docker([
      'run',
      '--rm',
      'busybox',
      'timeout',
      '5',
      'wget',
      '-q',
      '-O',
      '-',
      `http://${address}/`,
    ])
    return code === 0 && stdout.trim()
  }
  assert.equal(await waitFor(get, { what: 'the page of the peer' }), 'page of peer')
  await daemon.output(['rm', '-f', 'peer'])
})

test('a container in the network of the host is the host to the network', async () => {
  const names = await daemon.output(['run', '--rm', '--network', 'host', 'busybox', 'ls', '/sys/class/net'])
  const { stdout } = await runCommand('ls', ['/sys/class/net'])
  const common = stdout.split('\n').filter((name) => ['lo', 'eth0'].includes(name))
  for (const name of common) assert.ok(names.split('\n').includes(name), name)
})
