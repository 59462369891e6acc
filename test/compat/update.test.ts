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

async function inspect(name: string, format: string): Promise<string> {
  return daemon.output(['inspect', '-f', format, name])
}

interface Limits {
  readonly cpu_stats: { readonly throttling_data: { readonly periods: number } }
  readonly memory_stats: { readonly limit: number }
  readonly pids_stats: { readonly limit?: number }
}

/** What the kernel holds a running container to. */
async function limitsOf(name: string): Promise<Limits> {
  return (await daemon.http('GET', `/containers/${name}/stats?stream=false&one-shot=true`)).json<Limits>()
}

async function refused(args: readonly string[], text: string): Promise<void> {
  const { code, stderr } = await daemon.docker(['update', ...args])
  assert.equal(code, 1)
  assert.ok(stderr.includes(text), stderr)
}

test('limits of a running container change at once, up and down, and are told', async () => {
  await daemon.output(['run', '-d', '--name', 'live', '-m', '64m', '--pids-limit', '50', 'busybox', 'sleep', '86400'])
  for (const [memory, bytes] of [
    ['256m', 256 << 20],
    ['32m', 32 << 20],
  ] as const) {
    await daemon.output(['update', '-m', memory, '--memory-swap', memory, 'live'])
    assert.equal((await limitsOf('live')).memory_stats.limit, bytes)
    assert.equal(await inspect('live', '{{.HostConfig.Memory}}'), String(bytes))
  }
  await daemon.output(['update', '--pids-limit', '7', '--cpu-shares', '512', '--cpus', '0.25', 'live'])
  assert.equal((await limitsOf('live')).pids_stats.limit, 7)
  assert.equal(
    await inspect('live', '{{.HostConfig.PidsLimit}} {{.HostConfig.CpuShares}} {{.HostConfig.NanoCpus}}'),
    '7 512 250000000',
  )
  await daemon.output(['exec', 'live', 'sh', '-c', 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'])
  assert.ok((await limitsOf('live')).cpu_stats.throttling_data.periods > 0)
  await daemon.output(['update', '--pids-limit', '-1', 'live'])
  const { limit = 0 } = (await limitsOf('live')).pids_stats
  assert.ok(limit === 0 || limit > 1e9)
  await daemon.output(['update', '--cpuset-cpus', '0', 'live'])
  assert.match(await daemon.output(['exec', 'live', 'grep', 'Cpus_allowed_list', '/proc/self/status']), /\t0$/)
  await daemon.output(['rm', '-f', 'live'])
})

test('limits of a container that does not run hold when it starts', async () => {
  await daemon.output(['create', '--name', 'still', 'busybox', 'sleep', '86400'])
  await daemon.output(['update', '-m', '48m', '--memory-swap', '96m', '--pids-limit', '9', 'still'])
  await daemon.output(['start', 'still'])
  const limits = await limitsOf('still')
  assert.deepEqual([limits.memory_stats.limit, limits.pids_stats.limit], [48 << 20, 9])
  await daemon.output(['rm', '-f', 'still'])
})

test('the restart policy changes, of a running container too', async () => {
  await daemon.output(['run', '-d', '--name', 'policy', 'busybox', 'sleep', '86400'])
  assert.equal(await daemon.output(['update', '--restart', 'on-failure:3', 'policy']), 'policy')
  const format = '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}'
  assert.equal(await inspect('policy', format), 'on-failure 3')
  await daemon.output(['update', '--cpu-shares', '10', 'policy'])
  assert.equal(await inspect('policy', format), 'on-failure 3')
  await refused(['--restart', 'always:3', 'policy'], "maximum retry count can only be used with 'on-failure'")
  await daemon.output(['rm', '-f', 'policy'])
})

test('what makes no sense is refused in the words of docker, and nothing changes', async () => {
  await daemon.output(['create', '--rm', '--name', 'strict', '-m', '64m', '--cpus', '1', 'busybox'])
  const id = await inspect('strict', '{{.Id}}')
  const cannot = `Cannot update container ${id}: `
  await refused(['-m', '1m', 'strict'], 'Minimum memory limit allowed is 6MB')
  await refused(
    ['-m', '1g', 'strict'],
    `${cannot}Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
  )
  await refused(
    ['--cpu-quota', '50000', 'strict'],
    `${cannot}Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set`,
  )
  await refused(
    ['--restart', 'always', 'strict'],
    `${cannot}Restart policy cannot be updated because AutoRemove is enabled for the container`,
  )
  await refused(['--cpu-shares', '2', 'absent'], 'No such container: absent')
  await refused(['--cpuset-cpus', '4095', 'strict'], 'Requested CPUs are not available')
  const since = String(Date.now() / 1000)
  await daemon.output(['update', '--restart', 'no', 'strict'])
  const until = String(Date.now() / 1000 + 0.001)
  const format = ['--format', '{{.Action}} {{.Actor.Attributes.name}}']
  assert.equal(await daemon.output(['events', '--since', since, '--until', until, ...format]), 'update strict')
  assert.equal(await inspect('strict', '{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}}'), `${64 << 20} 0`)
  await daemon.output(['rm', 'strict'])
})
