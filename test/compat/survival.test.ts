import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon } from '../fixtures/daemon.ts'
import { fetchPage, SERVE_PAGE } from '../fixtures/page.ts'
import { waitFor } from '../fixtures/wait-for.ts'

const COUNT = ['sh', '-c', 'i=0; while :; do echo $i; i=$((i+1)); usleep 2000; done']

test('containers outlive a killed daemon: logs have no gap, exit codes are right, ports answer', {
  timeout: 120_000,
}, async () => {
  await using daemon = await startDaemon()
  await importBusybox(daemon)
  await daemon.output(['run', '-d', '--name', 'counter', 'busybox', ...COUNT])
  await daemon.output(['run', '-d', '--name', 'web', '-h', 'web', '-p', '127.0.0.1::80', 'busybox', ...SERVE_PAGE])
  await daemon.output([
    'run',
    '-d',
    '-i',
    '--name',
    'ends',
    'busybox',
    'sh',
    '-c',
    'trap "exit 42" TERM; echo ready; while :; do sleep 0.05; done',
  ])
  await daemon.output([
    'run',
    '-d',
    '--rm',
    '--name',
    'vanishes',
    'busybox',
    'sh',
    '-c',
    'trap "exit 1" TERM; echo ready; while :; do sleep 0.05; done',
  ])
  const port = (await daemon.output(['port', 'web', '80/tcp'])).split(':').at(-1)
  const pids = await Promise.all(
    ['ends', 'vanishes'].map((name) => daemon.output(['inspect', '-f', '{{.State.Pid}}', name])),
  )
  for (const name of ['ends', 'vanishes']) {
    await waitFor(async () => (await daemon.output(['logs', name])) === 'ready', { what: `${name} ready` })
  }

  await daemon.kill9()
  for (const pid of pids) process.kill(Number(pid), 'SIGTERM')
  for (const pid of pids) await waitFor(() => !isAlive(Number(pid)), { what: `process ${pid} gone` })
  assert.equal(await fetchPage(`127.0.0.1:${port}`), 'page of web')
  await daemon.restart()

  assert.equal(await daemon.output(['inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'ends']), 'exited 42')
  assert.equal((await daemon.docker(['inspect', 'vanishes'])).code, 1)
  assert.equal(await fetchPage(`127.0.0.1:${port}`), 'page of web')
  assert.equal(await daemon.output(['exec', 'counter', 'echo', 'still here']), 'still here')
  const seen = (await daemon.output(['logs', 'counter'])).split('\n').length
  await waitFor(async () => (await daemon.output(['logs', '--tail', '1', 'counter'])) > String(seen + 50) || null, {
    what: 'more lines',
  }).catch(() => {})
  await daemon.output(['stop', '-t', '0', 'counter'])
  const numbers = (await daemon.output(['logs', 'counter'])).split('\n').map(Number)
  assert.ok(numbers.length > seen)
  assert.equal(
    numbers.findIndex((value, index) => value !== index),
    -1,
  )
})

test('a daemon that is asked to stop leaves containers running and takes them over again', async () => {
  await using daemon = await startDaemon()
  await importBusybox(daemon)
  await daemon.output(['run', '-d', '--name', 'stays', 'busybox', 'sleep', '86400'])
  const pid = await daemon.output(['inspect', '-f', '{{.State.Pid}}', 'stays'])
  await daemon.restart()
  assert.equal(await daemon.output(['inspect', '-f', '{{.State.Pid}} {{.State.Running}}', 'stays']), `${pid} true`)
  await daemon.output(['stop', '-t', '0', 'stays'])
  assert.equal(await daemon.output(['inspect', '-f', '{{.State.ExitCode}}', 'stays']), '137')
})

test('what dies while the daemon starts to die is known at the next start', { timeout: 120_000 }, async () => {
  await using daemon = await startDaemon()
  await importBusybox(daemon)
  const names = Array.from({ length: 6 }, (_, index) => `short${index}`)
  const started = names.map((name, index) =>
    daemon.docker(['run', '-d', '--name', name, 'busybox', 'sh', '-c', `usleep ${index * 40_000}; exit ${index}`]),
  )
  await Promise.all(started.slice(0, 3))
  await daemon.kill9()
  await Promise.all(started)
  await daemon.restart()
  for (const [index, name] of names.entries()) {
    const { code, stdout } = await daemon.docker(['inspect', '-f', '{{.State.Status}}', name])
    // Killed while it was made, a container may be there without having run; what ran has its own exit code.
    if (code !== 0 || stdout.trim() === 'created') continue
    assert.equal(await daemon.output(['wait', name]), String(index))
  }
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
