import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
  await daemon.output(['run', '--name', 'done', 'busybox', 'sh', '-c', 'echo >/new; rm /etc/group'])
})
after(() => daemon[Symbol.asyncDispose]())

/** Runs bin/slipway, wants success, and gives its output. */
async function slipway(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.slipway(args)
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
  return stdout
}

test('both clients say the same of changes and usage, and refuse alike', async () => {
  const lines = [
    ['diff', 'done'],
    ['stats', '--no-stream', 'done'],
    ['stats', '-a', '--no-stream', '--format', '{{.Name}} {{.CPUPerc}} {{.PIDs}}'],
    ['diff', 'absent'],
    ['export', '-o', '/dev/null/x', 'absent'],
    ['commit', 'absent'],
    ['update', '-m', '1m', 'done'],
  ]
  for (const line of lines) {
    const [docker, ours] = [await daemon.docker(line), await daemon.slipway(line)]
    assert.deepEqual([ours.stdout, ours.code], [docker.stdout, docker.code], line.join(' '))
  }
})

test('a container is committed, exported, renamed and updated', async () => {
  const id = (await slipway('commit', '-m', 'said', '-c', 'CMD ["true"]', 'done', 'mine:2')).trim()
  assert.equal(
    await daemon.output(['inspect', '-f', '{{.Id}} {{.Comment}} {{.Config.Cmd}}', 'mine:2']),
    `${id} said [true]`,
  )
  const { stdoutBytes } = await daemon.slipway(['export', 'done'])
  assert.equal(stdoutBytes.length % 512, 0)
  assert.ok(stdoutBytes.includes('bin/busybox'))
  await slipway('rename', 'done', 'renamed')
  const update = ['update', '--cpus', '0.5', '--memory', '64m', '--memory-swap', '-1', '--restart', 'on-failure:2']
  assert.equal(await slipway(...update, '--pids-limit', '5', 'renamed'), 'renamed\n')
  const format =
    '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}'
  assert.equal(await daemon.output(['inspect', '-f', format, 'renamed']), '500000000 67108864 5 on-failure')
})
