import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

test('a container that the kernel kills for its memory says so, and everybody is told', async () => {
  const limits = ['-m', '16m', '--memory-swap', '16m']
  const { code } = await daemon.docker(['run', '--name', 'greedy', ...limits, 'busybox', 'tail', '/dev/zero'])
  assert.equal(code, 137)
  const state = '{{.State.Status}} {{.State.OOMKilled}} {{.State.ExitCode}}'
  assert.equal(await daemon.output(['inspect', '-f', state, 'greedy']), 'exited true 137')
  const until = (Date.now() / 1000).toFixed(3)
  const query = ['events', '--since', '1m', '--until', until, '--format', '{{.Action}}', '--filter', 'container=greedy']
  assert.deepEqual((await daemon.output(query)).split('\n').slice(-2), ['oom', 'die'])
  await daemon.output(['rm', 'greedy'])
})

test('one that is killed by hand was not out of memory', async () => {
  await daemon.output(['run', '-d', '--name', 'killed', '-m', '16m', 'busybox', 'sleep', '86400'])
  await daemon.output(['kill', 'killed'])
  const state = '{{.State.OOMKilled}} {{.State.ExitCode}}'
  assert.equal(await daemon.output(['inspect', '-f', state, 'killed']), 'false 137')
  await daemon.output(['rm', 'killed'])
})
