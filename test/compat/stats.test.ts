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

interface Frame {
  readonly name: string
  readonly id: string
  readonly read: string
  readonly preread: string
  readonly num_procs: number
  readonly pids_stats: { readonly current?: number; readonly limit?: number }
  readonly cpu_stats: {
    readonly cpu_usage: { readonly total_usage: number }
    readonly system_cpu_usage?: number
    readonly online_cpus?: number
  }
  readonly precpu_stats: Frame['cpu_stats']
  readonly memory_stats: { readonly usage?: number; readonly limit?: number; readonly stats?: object }
  readonly networks?: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly blkio_stats: object
}

async function frame(name: string, query: string): Promise<Frame> {
  return (await daemon.http('GET', `/containers/${name}/stats?${query}`)).json<Frame>()
}

test('a busy container is told as docker tells it, and the client computes percentages from it', async () => {
  const limits = ['-m', '64m', '--pids-limit', '20', '--cpus', '0.5']
  const id = await daemon.output([
    'run',
    '-d',
    '--name',
    'busy',
    ...limits,
    'busybox',
    'sh',
    '-c',
    'while :; do :; done',
  ])
  const found = await frame('busy', 'stream=false')
  assert.deepEqual([found.name, found.id, found.num_procs], ['/busy', id, 0])
  assert.ok(found.preread < found.read)
  assert.deepEqual(found.pids_stats, { current: 1, limit: 20 })
  assert.equal(found.memory_stats.limit, 64 << 20)
  assert.ok((found.memory_stats.usage ?? 0) > 0)
  const used = found.cpu_stats.cpu_usage.total_usage - found.precpu_stats.cpu_usage.total_usage
  const system = (found.cpu_stats.system_cpu_usage ?? 0) - (found.precpu_stats.system_cpu_usage ?? 0)
  assert.ok(used > 0 && system > used)
  assert.ok((found.cpu_stats.online_cpus ?? 0) > 0)
  assert.equal(typeof found.networks?.eth0?.rx_bytes, 'number')
  assert.deepEqual(Object.keys(found.blkio_stats).length, 8)
  const line = await daemon.output([
    'stats',
    '--no-stream',
    '--format',
    '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}',
  ])
  const [, percent = '0', pids] = /^busy (\d+\.\d+)% \S+ \/ 64MiB (\d+)$/.exec(line) ?? []
  assert.ok(Number(percent) > 5, line)
  assert.equal(pids, '1', line)
  await daemon.output(['rm', '-f', 'busy'])
})

test('one look at once has nothing before it; a stream goes on until the container is gone', async () => {
  await daemon.output(['run', '-d', '--name', 'looked', 'busybox', 'sleep', '86400'])
  const now = await frame('looked', 'stream=false&one-shot=true')
  assert.equal(now.preread, '0001-01-01T00:00:00Z')
  assert.equal(now.precpu_stats.cpu_usage.total_usage, 0)
  const refused = await daemon.http('GET', '/containers/looked/stats?stream=true&one-shot=true')
  assert.equal(refused.status, 400)
  assert.match(refused.body.toString(), /cannot have stream=true and one-shot=true/)
  const streams = [1, 2].map(() => daemon.http('GET', '/containers/looked/stats'))
  await frame('looked', 'stream=false')
  await daemon.output(['rm', '-f', 'looked'])
  for (const { body } of await Promise.all(streams)) {
    const frames = body
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Frame)
    assert.ok(frames.length >= 2)
    assert.equal(frames[1]?.preread, frames[0]?.read)
  }
})

test('a container that does not run has zeros, one on the network of the host no interfaces', async () => {
  await daemon.output(['create', '--name', 'still', 'busybox'])
  const zeros = await frame('still', 'stream=false')
  assert.deepEqual([zeros.name, zeros.read, zeros.pids_stats], ['/still', '0001-01-01T00:00:00Z', {}])
  assert.deepEqual([zeros.memory_stats, zeros.cpu_stats.cpu_usage.total_usage, zeros.networks], [{}, 0, undefined])
  const line = await daemon.output(['stats', '-a', '--no-stream', '--format', '{{.Name}} {{.CPUPerc}} {{.MemUsage}}'])
  assert.equal(line, 'still 0.00% 0B / 0B')
  await daemon.output(['run', '-d', '--name', 'open', '--network', 'host', 'busybox', 'sleep', '86400'])
  assert.equal((await frame('open', 'stream=false&one-shot=1')).networks, undefined)
  await daemon.output(['run', '-d', '--name', 'alone', '--network', 'none', 'busybox', 'sleep', '86400'])
  assert.equal((await frame('alone', 'stream=false&one-shot=1')).networks, undefined)
  await daemon.output(['rm', '-f', 'still', 'open', 'alone'])
  assert.equal((await daemon.http('GET', '/containers/absent/stats')).status, 404)
})
