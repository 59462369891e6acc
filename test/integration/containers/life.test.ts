import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isKind, SlipwayError } from '../../../src/base/index.ts'
import { type Lab, openLab } from './lab.ts'

const FOREVER = ['sleep', '600']
/** Ends with 3 when asked to, and says when it is ready for that. */
const OBEDIENT = ['sh', '-c', 'trap "exit 3" TERM; echo up; while :; do sleep 0.05; done']
const PLAIN = { force: false, volumes: false, link: false }
const FORCED = { force: true, volumes: true, link: false }

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab[Symbol.asyncDispose]())

async function startObedient(name: string, autoRemove = false): Promise<void> {
  await lab.start(name, OBEDIENT, { host: { autoRemove } })
  const follow = lab.containers.logs(name, { stdout: true, stderr: true, follow: true })
  for await (const _ of follow) break
}

test('a container runs to its end: its code is waited for, its output kept, its removal complete', async () => {
  await lab.create('runs', ['sh', '-c', 'echo out; echo err >&2; exit 7'])
  const { result } = lab.containers.wait('runs', 'next-exit')
  await lab.containers.start('runs')
  assert.deepEqual(await result, { code: 7, error: '' })
  assert.equal(lab.stateOf('runs'), 'exited 7')
  assert.deepEqual((await lab.output('runs')).split('\n').toSorted(), ['', 'err', 'out'])
  await lab.containers.remove('runs', PLAIN)
  assert.throws(() => lab.containers.find('runs'), { message: 'No such container: runs' })
  await lab.told('runs', 'destroy')
  assert.deepEqual(lab.eventsOf('runs'), ['create', 'start', 'die 7', 'destroy'])
})

test('a stop is told as kill, die, stop, and with --rm destroy comes last', async () => {
  await startObedient('stopped', true)
  const { result } = lab.containers.wait('stopped', 'removed')
  await lab.containers.stop('stopped')
  assert.equal((await result).code, 3)
  await lab.told('stopped', 'destroy')
  assert.deepEqual(lab.eventsOf('stopped').slice(2), ['kill 15', 'die 3', 'stop', 'destroy'])
})

test('a restart is told as kill, die, stop, start, restart', async () => {
  await startObedient('again')
  await lab.containers.restart('again')
  await lab.told('again', 'restart')
  assert.deepEqual(lab.eventsOf('again').slice(2), ['kill 15', 'die 3', 'stop', 'start', 'restart'])
  await lab.containers.remove('again', FORCED)
})

test('what does not listen is killed when its time is up', async () => {
  await lab.start('deaf', FOREVER)
  await lab.containers.stop('deaf', { timeout: 0 })
  assert.equal(lab.stateOf('deaf'), 'exited 137')
  await lab.containers.remove('deaf', PLAIN)
})

test('a kill returns when the container has ended, so that it can be removed at once', async () => {
  await lab.start('killed', FOREVER)
  await lab.containers.kill('killed', 'KILL')
  assert.equal(lab.stateOf('killed'), 'exited 137')
  await lab.containers.remove('killed', PLAIN)
})

test('a command that cannot run is reported, recorded, and undone', async () => {
  for (const [name, cmd, code] of [
    ['missing', ['no-such-command'], 127],
    ['folder', ['/etc'], 126],
  ] as const) {
    await lab.create(name, cmd)
    const error = await lab.containers.start(name).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof SlipwayError && error.kind === 'invalid' && error.exitCode === code, String(error))
    const { state } = lab.containers.find(name)
    assert.ok(state.status === 'created' && state.exit?.code === code && state.exit.error === error.message)
    assert.equal(lab.engine.networks.sandboxOf(lab.containers.find(name).id), undefined)
    await lab.containers.remove(name, PLAIN)
  }
})

test('a container with --rm that could not start is gone, and whoever waits for that is told', async () => {
  await lab.create('never', ['no-such-command'], { host: { autoRemove: true } })
  const { result } = lab.containers.wait('never', 'removed')
  await assert.rejects(lab.containers.start('never'))
  assert.equal((await result).code, 127)
  assert.throws(() => lab.containers.find('never'), { message: 'No such container: never' })
})

test('a port is free again when the end of its holder is known', async () => {
  const ports = [
    { containerPort: 80, protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: { first: 39_871, last: 39_871 } },
  ] as const
  for (const name of ['first', 'second', 'third']) {
    await lab.create(name, ['true'], { host: { ports } })
    const { result } = lab.containers.wait(name, 'next-exit')
    await lab.containers.start(name)
    await result
  }
  for (const name of ['first', 'second', 'third']) await lab.containers.remove(name, PLAIN)
})

test('verbs in the wrong state get the answers of docker', async () => {
  await lab.start('busy', FOREVER)
  const { id } = lab.containers.find('busy')
  const answer = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: SlipwayError) => `${error.kind}: ${error.message}`,
    )
  await assert.rejects(lab.containers.start('busy'), (error) => isKind(error, 'not-modified'))
  assert.match(await answer(lab.containers.remove('busy', PLAIN)), /^conflict: .*stop the container before removing/)
  assert.equal(await answer(lab.containers.unpause('busy')), `conflict: Container ${id} is not paused`)
  await lab.containers.pause('busy')
  assert.equal(lab.stateOf('busy'), 'paused')
  assert.match(await answer(lab.containers.createExec('busy', execOf(['true']))), /^conflict: .*unpause the container/)
  assert.match(await answer(lab.containers.start('busy')), /^conflict: cannot start a paused container/)
  await lab.containers.unpause('busy')
  await lab.containers.rename('busy', 'renamed')
  assert.match(await answer(lab.create('renamed', ['true'])), /^conflict: Conflict. The container name "\/renamed"/)
  await lab.containers.remove(id.slice(0, 12), FORCED)
  await assert.rejects(lab.containers.stop('renamed'), { message: 'No such container: renamed' })
})

test('a client that attached before the start gets everything and its input arrives', async () => {
  await lab.create('echoes', ['cat'], { config: { openStdin: true, stdinOnce: true, attachStdin: true } })
  const client = { stdin: true, stdout: true, stderr: true, stream: true, logs: false }
  await using terminal = await lab.containers.attach('echoes', client)
  await lab.containers.start('echoes')
  await terminal.write(Buffer.from('there and back\n'))
  await terminal.endInput()
  const chunks = await Array.fromAsync(terminal.output)
  assert.equal(chunks.map(({ data }) => data).join(''), 'there and back\n')
  await lab.reach('echoes', 'exited 0')
  await lab.containers.remove('echoes', PLAIN)
})

test('an exec has its own output and code, and leaves the list of the container when it ends', async () => {
  await lab.start('host', FOREVER, { config: { env: ['A=1'], workingDir: '/tmp' } })
  const exec = await lab.containers.createExec('host', execOf(['sh', '-c', 'echo $A $B $PWD; exit 5'], ['B=2']))
  assert.deepEqual(lab.containers.find('host').execIds, [exec])
  const terminal = await lab.containers.startExec(exec, { detach: false, tty: false })
  assert.ok(terminal)
  const chunks = await Array.fromAsync(terminal.output)
  assert.equal(chunks.map(({ data }) => data).join(''), '1 2 /tmp\n')
  await lab.told('host', 'exec_die')
  assert.equal(lab.containers.exec(exec).exitCode, 5)
  assert.deepEqual(lab.containers.find('host').execIds, [])
  await assert.rejects(lab.containers.startExec(exec, { detach: false, tty: false }), /has already run/)
  assert.equal((await lab.containers.top('host', '')).processes.length, 1)
  await lab.containers.remove('host', FORCED)
  assert.throws(() => lab.containers.exec(exec), { message: `No such exec instance: ${exec}` })
})

function execOf(cmd: readonly string[], env: readonly string[] = []) {
  const streams = { tty: false, privileged: false, attachStdin: false, attachStdout: true, attachStderr: true }
  return { cmd, env, workingDir: '', user: '', ...streams }
}
