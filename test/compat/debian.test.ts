import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { after, before, test } from 'node:test'
import { exitOf } from '../fixtures/command.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { debianRootfs } from '../fixtures/debian.ts'
import { openTerminal } from '../fixtures/pty.ts'
import { waitFor } from '../fixtures/wait-for.ts'

let daemon: TestDaemon

before(
  async () => {
    daemon = await startDaemon()
    const child = spawn('docker', ['import', '-', 'debian'], { env: daemon.env, stdio: ['pipe', 'ignore', 'inherit'] })
    await pipeline(createReadStream(await debianRootfs()), child.stdin)
    assert.equal((await exitOf(child)).code, 0)
  },
  { timeout: 300_000 },
)
after(() => daemon[Symbol.asyncDispose]())

test('a Debian of debootstrap runs as it is', async () => {
  const script = 'dpkg -l | grep -c ^ii; su -s /bin/sh nobody -c "id -u"; perl -e "print 6*7, qq(\\n)"'
  const [packages, user, answer] = (await daemon.output(['run', '--rm', 'debian', 'bash', '-c', script])).split('\n')
  assert.ok(Number(packages) > 50)
  assert.deepEqual([user, answer], ['65534', '42'])
})

test('apt-get update reaches the mirror through the host’s address', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await daemon.docker(
    ['run', '--rm', 'debian', 'apt-get', '-o', 'APT::Update::Error-Mode=any', 'update'],
    {
      timeout: 100_000,
    },
  )
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, /Reading package lists/)
})

test('datagrams go in through a published port and the answers come back', async () => {
  const echo = `use IO::Socket::INET; $| = 1;
    my $s = IO::Socket::INET->new(LocalPort => 9999, Proto => "udp") or die;
    while ($s->recv(my $m, 1500)) { $s->send("got $m") }`
  await daemon.output(['run', '-d', '--name', 'udp', '-p', '127.0.0.1::9999/udp', 'debian', 'perl', '-e', echo])
  const port = Number((await daemon.output(['port', 'udp', '9999/udp'])).split(':').at(-1))
  const socket = createSocket('udp4')
  try {
    let answer = ''
    socket.on('message', (message) => {
      answer = message.toString()
    })
    const send = (): boolean => {
      socket.send('ping', port, '127.0.0.1')
      return answer === 'got ping'
    }
    await waitFor(send, { what: 'the datagram back' })
  } finally {
    socket.close()
    await once(socket, 'close')
  }
  await daemon.output(['rm', '-f', 'udp'])
})

test('bash on a terminal has job control', async () => {
  const args = ['run', '--rm', '-it', 'debian', 'bash', '--norc']
  await using terminal = openTerminal('docker', args, { env: daemon.env })
  await terminal.see(/bash-[\d.]+# /)
  terminal.type('sleep 1000\r')
  await waitFor(async () => (await top()).includes('sleep 1000'), { what: 'sleep in the foreground' })
  terminal.type('\x1a')
  await terminal.see('Stopped')
  terminal.type('jobs; kill %1; wait; echo re""maining: $(jobs | wc -l)\r')
  await terminal.see(/sleep 1000[\s\S]*remaining: /)
  terminal.type('stty size; exit 3\r')
  await terminal.see('24 80')
  assert.equal(await terminal.exited, 3)

  async function top(): Promise<string> {
    const id = await daemon.output(['ps', '-q', '--filter', 'ancestor=debian'])
    return id ? (await daemon.docker(['exec', id, 'sh', '-c', 'cat /proc/*/cmdline | tr "\\0" " "'])).stdout : ''
  }
})
