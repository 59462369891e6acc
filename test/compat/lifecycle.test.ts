import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { waitFor } from '../fixtures/wait-for.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

/** A process 1 that ends by itself on TERM, writes what other signals it gets, and says when it is ready. */
const TRAPPING = ['sh', '-c', 'trap "echo got USR1" USR1; trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done']

async function inspect(name: string, format: string): Promise<string> {
  return daemon.output(['inspect', '-f', format, name])
}

async function untilLogged(name: string, text: string): Promise<void> {
  await waitFor(async () => (await daemon.output(['logs', name])).includes(text), {
    what: `${text} in the log of ${name}`,
  })
}

test('a container is made, started, stopped, started again, and removed', async () => {
  const id = await daemon.output(['create', '--name', 'life', 'busybox', ...TRAPPING])
  assert.equal(
    await inspect('life', '{{.State.Status}} {{.State.Pid}} {{.State.StartedAt}}'),
    'created 0 0001-01-01T00:00:00Z',
  )
  assert.equal(await daemon.output(['start', 'life']), 'life')
  await untilLogged('life', 'ready')
  assert.equal(
    await inspect('life', '{{.Id}} {{.Name}} {{.State.Status}} {{.State.Running}}'),
    `${id} /life running true`,
  )
  assert.equal(await daemon.output(['stop', 'life']), 'life')
  assert.equal(await inspect('life', '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}'), 'exited 9 0')
  assert.equal(await daemon.output(['start', 'life']), 'life')
  assert.equal(await inspect('life', '{{.State.Status}} {{.State.ExitCode}}'), 'running 0')
  assert.equal(await daemon.output(['rm', '-f', 'life']), 'life')
  assert.equal((await daemon.docker(['inspect', 'life'])).code, 1)
})

test('what is running cannot be removed, what is not cannot be killed, and doing a thing twice is fine', async () => {
  const id = await daemon.output(['run', '-d', '--name', 'twice', 'busybox', 'sleep', '86400'])
  const removed = await daemon.docker(['rm', 'twice'])
  assert.equal(removed.code, 1)
  assert.match(removed.stderr, /running.*[Ss]top the container before/)
  assert.equal(await daemon.output(['start', 'twice']), 'twice')
  await daemon.output(['stop', '-t', '0', 'twice'])
  assert.equal(await inspect('twice', '{{.State.ExitCode}}'), '137')
  assert.equal(await daemon.output(['stop', 'twice']), 'twice')
  const killed = await daemon.docker(['kill', 'twice'])
  assert.equal(killed.code, 1)
  assert.match(killed.stderr, new RegExp(`${id} is not running`))
  await daemon.output(['rm', 'twice'])
})

test('a name that is in use is refused with the id of who has it', async () => {
  const id = await daemon.output(['create', '--name', 'taken', 'busybox'])
  const { code, stderr } = await daemon.docker(['create', '--name', 'taken', 'busybox'])
  assert.equal(code, 1)
  assert.equal(
    stderr.split('\n')[0]?.replace('docker: ', ''),
    `Error response from daemon: Conflict. The container name "/taken" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  )
  await daemon.output(['rm', 'taken'])
})

test('every signal reaches process 1, by name with and without SIG, and by number', async () => {
  await daemon.output(['run', '-d', '--name', 'signalled', 'busybox', ...TRAPPING])
  await untilLogged('signalled', 'ready')
  for (const [index, signal] of ['USR1', 'SIGUSR1', '10'].entries()) {
    await daemon.output(['kill', '-s', signal, 'signalled'])
    await untilLogged('signalled', 'got USR1\n'.repeat(index + 1).trim())
  }
  const bad = await daemon.docker(['kill', '-s', 'NOSUCH', 'signalled'])
  assert.match(bad.stderr, /[Ii]nvalid signal: NOSUCH/)
  await daemon.output(['kill', '-s', 'TERM', 'signalled'])
  assert.equal(await daemon.output(['wait', 'signalled']), '9')
  await daemon.output(['rm', 'signalled'])
})

test('restart gives a new process in the same container', async () => {
  await daemon.output(['run', '-d', '--name', 'again', 'busybox', 'sh', '-c', 'echo start >>/count; exec sleep 86400'])
  const starts = (count: number): Promise<unknown> =>
    waitFor(async () => (await daemon.docker(['exec', 'again', 'wc', '-l', '/count'])).stdout === `${count} /count\n`, {
      what: `start number ${count}`,
    })
  await starts(1)
  const first = await inspect('again', '{{.State.Pid}}')
  await daemon.output(['restart', '-t', '0', 'again'])
  assert.notEqual(await inspect('again', '{{.State.Pid}}'), first)
  await starts(2)
  await daemon.output(['rm', '-f', 'again'])
})

test('ps lists what runs, with -a everything, by filters, in columns', async () => {
  await daemon.output(['run', '-d', '--name', 'listed-one', '-l', 'set=a', 'busybox', 'sleep', '86400'])
  await daemon.output(['run', '--name', 'listed-two', '-l', 'set=a', 'busybox', 'sh', '-c', 'exit 3']).catch(() => {})
  const ps = (...args: string[]): Promise<string> =>
    daemon.output(['ps', '--format', '{{.Names}} {{.Status}}', ...args])
  assert.match(await ps('--filter', 'label=set=a'), /^listed-one Up (?:Less than a second|\d+ seconds?)$/)
  assert.match(await ps('-a', '--filter', 'label=set=a'), /^listed-two Exited \(3\) .* ago\nlisted-one Up /)
  assert.match(await ps('-a', '--filter', 'exited=3'), /^listed-two /)
  assert.match(await ps('-a', '--filter', 'name=listed', '--filter', 'status=running'), /^listed-one /)
  assert.equal(await ps('-a', '--filter', 'name=nobody'), '')
  const [header, row] = (await daemon.output(['ps', '--filter', 'name=listed-one'])).split('\n')
  assert.match(header ?? '', /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/)
  assert.match(row ?? '', /^[0-9a-f]{12} +busybox +"sleep 86400" +.* ago +Up .* +listed-one$/)
  const unknown = await daemon.docker(['ps', '--filter', 'nonsense=1'])
  assert.match(unknown.stderr, /[Ii]nvalid filter '?nonsense/)
  await daemon.output(['rm', '-f', 'listed-one', 'listed-two'])
})

test('a container is found by a prefix of its id, and what is not there is said', async () => {
  const id = await daemon.output(['create', 'busybox'])
  assert.equal(await inspect(id.slice(0, 20), '{{.Id}}'), id)
  for (const args of [['start'], ['stop'], ['kill'], ['rm'], ['logs'], ['wait'], ['restart']]) {
    const { code, stderr } = await daemon.docker([...args, 'absent'])
    assert.equal(code, 1, args.join(' '))
    assert.match(stderr, /No such container: absent/)
  }
  await daemon.output(['rm', id])
})

test('events tell the life of a container in order, with what docker tells of it', async () => {
  const since = String(Date.now() / 1000)
  await daemon.output(['run', '--name', 'eventful', '-l', 'color=red', 'busybox', 'sh', '-c', 'exit 4']).catch(() => {})
  await daemon.output(['rm', 'eventful'])
  const until = String(Date.now() / 1000 + 0.001)
  const format =
    '{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.color}} {{.Actor.Attributes.exitCode}}'
  const events = await daemon.output(['events', '--since', since, '--until', until, '--format', format])
  const none = '<no value>'
  assert.deepEqual(events.split('\n'), [
    `container create eventful red ${none}`,
    `container attach eventful red ${none}`,
    `network connect bridge ${none} ${none}`,
    `container start eventful red ${none}`,
    `network disconnect bridge ${none} ${none}`,
    `container die eventful red 4`,
    `container destroy eventful red ${none}`,
  ])
  const only = ['--filter', 'event=die', '--filter', 'label=color=red', '--filter', 'container=eventful']
  const filtered = await daemon.output([
    'events',
    '--since',
    since,
    '--until',
    until,
    ...only,
    '--format',
    '{{.Action}}',
  ])
  assert.equal(filtered, 'die')
})
