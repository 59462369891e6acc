import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { exitOf } from '../fixtures/command.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { openTerminal } from '../fixtures/pty.ts'
import { waitFor } from '../fixtures/wait-for.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

/** A docker client that runs on while the test does other things. */
function follow(args: readonly string[]): AsyncDisposable & { text(): string; readonly ended: Promise<number> } {
  const child = spawn('docker', args, { env: daemon.env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const ended = exitOf(child).then(({ code }) => code)
  return {
    text: () => text,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

test('logs keep the two streams apart, in lines, with tail and time', async () => {
  const script = 'for i in 1 2 3; do echo out$i; done; echo err >&2; printf half'
  await daemon.output(['run', '--name', 'logged', 'busybox', 'sh', '-c', script])
  const { stdout, stderr } = await daemon.docker(['logs', 'logged'])
  assert.deepEqual([stdout, stderr], ['out1\nout2\nout3\nhalf', 'err\n'])
  assert.equal((await daemon.docker(['logs', '--tail', '2', 'logged'])).stdout.replace('out3\n', ''), 'half')
  assert.equal(await daemon.output(['logs', '--tail', '0', 'logged']), '')
  const stamped = (await daemon.output(['logs', '-t', 'logged'])).split('\n')[0] ?? ''
  assert.match(stamped, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z out1$/)
  assert.equal(await daemon.output(['logs', '--since', '1h', '--until', '30m', 'logged']), '')
  await daemon.output(['rm', 'logged'])
})

test('logs -f follows until the container ends', async () => {
  await daemon.output([
    'run',
    '-d',
    '-i',
    '--name',
    'followed',
    'busybox',
    'sh',
    '-c',
    'echo one; trap "echo two; exit" TERM; while :; do sleep 0.1; done',
  ])
  await using log = follow(['logs', '-f', 'followed'])
  await waitFor(() => log.text() === 'one\n', { what: 'the first line' })
  await daemon.output(['kill', '-s', 'TERM', 'followed'])
  assert.equal(await log.ended, 0)
  assert.equal(log.text(), 'one\ntwo\n')
  await daemon.output(['rm', 'followed'])
})

test('bytes of every kind come back as they were, live and from the log', async () => {
  const bytes = Buffer.concat([randomBytes(300_000), Buffer.alloc(100_000), Buffer.from('no newline at the end')])
  const live = await daemon.docker(['run', '-i', '--name', 'bytes', 'busybox', 'cat'], { input: bytes })
  assert.equal(live.code, 0)
  assert.ok(live.stdoutBytes.equals(bytes), `live: ${live.stdoutBytes.length} of ${bytes.length} bytes`)
  await daemon.output(['rm', 'bytes'])
})

test('several clients attached at once all get everything, and one may type', async () => {
  await daemon.output(['create', '-i', '--name', 'shared', 'busybox', 'cat'])
  await using first = follow(['attach', '--no-stdin', 'shared'])
  await daemon.output(['start', 'shared'])
  await using second = follow(['attach', '--no-stdin', 'shared'])
  await using third = follow(['attach', '--no-stdin', 'shared'])
  const clients = [second, third]
  await waitFor(async () => (await attachEvents()) >= clients.length, { what: 'two clients attached' })
  const typed = await daemon.docker(['attach', 'shared'], { input: 'to all\n' })
  assert.equal(typed.stdout, 'to all\n')
  for (const client of clients) await waitFor(() => client.text().endsWith('to all\n'), { what: 'the line everywhere' })
  await first.ended
  await daemon.output(['rm', '-f', 'shared'])
})

async function attachEvents(): Promise<number> {
  const args = ['events', '--since', '0', '--until', String(Date.now() / 1000), '--filter', 'event=attach']
  return (await daemon.output([...args, '--filter', 'container=shared', '--format', '{{.Action}}'])).split('\n').length
}

test('exec has its own output, code, environment, user and folder', async () => {
  await daemon.output(['run', '-d', '--name', 'host', '-e', 'BOTH=container', 'busybox', 'sleep', '86400'])
  const exec = (...args: string[]) => daemon.docker(['exec', ...args])
  const done = await exec('host', 'sh', '-c', 'echo out; echo err >&2; exit 9')
  assert.deepEqual([done.code, done.stdout, done.stderr], [9, 'out\n', 'err\n'])
  assert.equal((await exec('-e', 'OWN=1', 'host', 'sh', '-c', 'echo $BOTH $OWN')).stdout, 'container 1\n')
  assert.equal((await exec('-w', '/tmp', '-u', 'user', 'host', 'sh', '-c', 'pwd; id -un')).stdout, '/tmp\nuser\n')
  const piped = await daemon.docker(['exec', '-i', 'host', 'sha256sum'], { input: 'abc' })
  assert.match(piped.stdout, /^ba7816bf8f01cfea/)
  assert.equal((await exec('-d', 'host', 'touch', '/made')).code, 0)
  await waitFor(async () => (await exec('host', 'test', '-e', '/made')).code === 0, { what: 'the file of exec -d' })
  // 126 from Docker 20.10, 127 from later ones.
  assert.ok([126, 127].includes((await exec('host', 'nosuchcommand')).code))
  assert.equal((await exec('host', '/etc')).code, 126)
  assert.equal((await exec('-w', '/absent', 'host', 'true')).code === 0, false)
  await daemon.output(['stop', '-t', '0', 'host'])
  const stopped = await exec('host', 'true')
  assert.equal(stopped.code, 1)
  assert.match(stopped.stderr, /[Cc]ontainer .* is not running/)
  await daemon.output(['rm', 'host'])
})

test('exec -it is a terminal: its size, keys and exit code', async () => {
  await daemon.output(['run', '-d', '--name', 'desk', 'busybox', 'sleep', '86400'])
  await using terminal = openTerminal('docker', ['exec', '-it', 'desk', 'sh'], {
    env: daemon.env,
    rows: 20,
    columns: 70,
  })
  await terminal.see('# ')
  terminal.type('stty size\r')
  await terminal.see('20 70')
  terminal.type('sh -c "echo rea\'\'dy; exec sleep 1000"\r')
  await terminal.see('ready')
  terminal.type('\x03')
  await terminal.see('# ')
  terminal.type('echo $?\r')
  await terminal.see('130')
  terminal.type('exit 6\r')
  assert.equal(await terminal.exited, 6)
  await daemon.output(['rm', '-f', 'desk'])
})

test('a gibibyte goes in and comes out again, and the daemon does not grow by it', { timeout: 240_000 }, async () => {
  const block = randomBytes(1 << 20)
  const sent = createHash('sha256')
  const received = createHash('sha256')
  const before = residentKiB()
  const child = spawn('docker', ['run', '-i', '--rm', 'busybox', 'cat'], {
    env: daemon.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const write = async (): Promise<void> => {
    for (let index = 0; index < 1024; index += 1) {
      block.writeUInt32LE(index)
      const copy = Buffer.from(block)
      sent.update(copy)
      if (!child.stdin.write(copy)) await new Promise((resolve) => child.stdin.once('drain', resolve))
    }
    child.stdin.end()
  }
  let most = before
  const read = async (): Promise<void> => {
    for await (const chunk of child.stdout) {
      received.update(chunk)
      most = Math.max(most, residentKiB())
    }
  }
  await Promise.all([write(), read()])
  assert.equal((await exitOf(child)).code, 0)
  assert.equal(received.digest('hex'), sent.digest('hex'))
  assert.ok(most - before < 200 * 1024, `the daemon grew by ${most - before} KiB`)
})

function residentKiB(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1])
}
