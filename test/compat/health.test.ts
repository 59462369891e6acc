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

const FAST = ['--health-interval', '50ms', '--health-retries', '2']

async function runChecked(name: string, command: string, options: readonly string[] = FAST): Promise<string> {
  const check = ['--health-cmd', command, ...options]
  return daemon.output(['run', '-d', '--name', name, ...check, 'busybox', 'sleep', '86400'])
}

async function inspect(name: string, format: string): Promise<string> {
  return daemon.output(['inspect', '-f', format, name])
}

async function untilHealth(name: string, wanted: string): Promise<void> {
  await waitFor(async () => (await inspect(name, '{{.State.Health.Status}}')) === wanted, {
    what: `${name} to be ${wanted}`,
  })
}

interface Result {
  readonly Start: string
  readonly End: string
  readonly ExitCode: number
  readonly Output: string
}

async function results(name: string): Promise<readonly Result[]> {
  return JSON.parse(await inspect(name, '{{json .State.Health.Log}}')) as Result[]
}

test('a container becomes healthy, ill and healthy again, and everybody is told', async () => {
  await runChecked('patient', 'test ! -e /ill && echo fine')
  await untilHealth('patient', 'healthy')
  assert.match(await daemon.output(['ps', '--format', '{{.Status}}']), /^Up .* \(healthy\)$/)
  assert.equal(await daemon.output(['ps', '--filter', 'health=healthy', '--format', '{{.Names}}']), 'patient')
  await daemon.output(['exec', 'patient', 'touch', '/ill'])
  await untilHealth('patient', 'unhealthy')
  assert.match(await daemon.output(['ps', '--format', '{{.Status}}']), / \(unhealthy\)$/)
  assert.equal(await daemon.output(['ps', '-q', '--filter', 'health=healthy']), '')
  await daemon.output(['exec', 'patient', 'rm', '/ill'])
  await untilHealth('patient', 'healthy')
  await waitFor(async () => (await results('patient')).length === 5, { what: 'five results' })
  for (const { ExitCode, Output, Start, End } of (await results('patient')).slice(-1)) {
    assert.deepEqual([ExitCode, Output], [0, 'fine\n'])
    assert.ok(Date.parse(Start) <= Date.parse(End))
  }
  const until = (Date.now() / 1000).toFixed(3)
  const query = [
    'events',
    '--since',
    '1m',
    '--until',
    until,
    '--format',
    '{{.Action}}',
    '--filter',
    'container=patient',
  ]
  const actions = (await daemon.output(query)).split('\n')
  assert.deepEqual(
    actions.filter((action) => action.startsWith('health_status')),
    ['health_status: healthy', 'health_status: unhealthy', 'health_status: healthy'],
  )
  const first = actions.indexOf('start') + 1
  const probe = '/bin/sh -c test ! -e /ill && echo fine'
  assert.deepEqual(actions.slice(first, first + 4), [
    `exec_create: ${probe}`,
    `exec_start: ${probe}`,
    'exec_die',
    'health_status: healthy',
  ])
  await daemon.output(['rm', '-f', 'patient'])
})

test('what cannot be run, takes too long or says too much is told as docker tells it', async () => {
  await runChecked('slow', 'echo waiting; sleep 86400', [...FAST, '--health-timeout', '200ms'])
  await untilHealth('slow', 'unhealthy')
  const [slow] = await results('slow')
  assert.deepEqual([slow?.ExitCode, slow?.Output], [-1, 'Health check exceeded timeout (200ms): waiting\n'])
  assert.equal((await daemon.output(['top', 'slow'])).includes('echo waiting'), false)
  await runChecked('loud', 'yes | head -c 100000; exit 3')
  await untilHealth('loud', 'unhealthy')
  const [loud] = await results('loud')
  assert.deepEqual([loud?.ExitCode, loud?.Output.length, loud?.Output.endsWith('y\n...')], [3, 4099, true])
  const body = { Image: 'busybox', Cmd: ['sleep', '86400'], Healthcheck: { Test: ['CMD', '/absent'], Interval: 5e7 } }
  await daemon.http('POST', '/containers/create?name=absent', body)
  await daemon.output(['start', 'absent'])
  await untilHealth('absent', 'unhealthy')
  assert.equal((await results('absent'))[0]?.ExitCode, -1)
  await daemon.output(['rm', '-f', 'slow', 'loud', 'absent'])
})

test('in the start period failures do not count and probes follow their own interval', async () => {
  const period = ['--health-start-period', '1h', '--health-start-interval', '50ms', '--health-interval', '1h']
  await runChecked('young', 'test -e /ready', period)
  await waitFor(async () => (await results('young')).length === 5, { what: 'five failures' })
  assert.equal(await inspect('young', '{{.State.Health.Status}} {{.State.Health.FailingStreak}}'), 'starting 0')
  assert.match(await daemon.output(['ps', '--format', '{{.Status}}']), / \(health: starting\)$/)
  await daemon.output(['exec', 'young', 'touch', '/ready'])
  await untilHealth('young', 'healthy')
  await daemon.output(['rm', '-f', 'young'])
})

test('nobody probes what is paused, ended or has no check; a new start begins anew', async () => {
  await runChecked('rest', 'true')
  await untilHealth('rest', 'healthy')
  await daemon.output(['pause', 'rest'])
  const [before] = (await results('rest')).slice(-1)
  assert.equal(await inspect('rest', '{{.State.Health.Status}}'), 'unhealthy')
  await daemon.output(['unpause', 'rest'])
  await untilHealth('rest', 'healthy')
  assert.ok(Date.parse((await results('rest')).at(-1)?.Start ?? '') > Date.parse(before?.Start ?? ''))
  await daemon.output(['kill', 'rest'])
  assert.equal(await inspect('rest', '{{.State.Status}} {{.State.Health.Status}}'), 'exited unhealthy')
  await daemon.output(['start', 'rest'])
  await untilHealth('rest', 'healthy')
  await daemon.output(['run', '-d', '--name', 'none', '--no-healthcheck', 'busybox', 'sleep', '86400'])
  assert.equal(await inspect('none', '{{json .State.Health}}'), 'null')
  assert.equal(await daemon.output(['ps', '--filter', 'health=none', '--format', '{{.Names}}']), 'none')
  await daemon.output(['rm', '-f', 'rest', 'none'])
})

test('a container that outlives the daemon is probed again by the next one', async () => {
  await runChecked('survivor', 'true')
  await untilHealth('survivor', 'healthy')
  await daemon.kill9()
  await daemon.restart()
  await untilHealth('survivor', 'healthy')
  await daemon.restart()
  await untilHealth('survivor', 'healthy')
  await daemon.output(['rm', '-f', 'survivor'])
})
