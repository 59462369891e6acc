import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Cgroups,
  type ChildProcess,
  checkHost,
  openCgroups,
  probeHost,
  spawnProcess,
} from '../../../src/kernel/index.ts'
import { runCommand } from '../../fixtures/command.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

/** In a child process of the last test: the same host with the unified hierarchy alone. */
const IS_UNIFIED = process.env.SLIPWAY_TEST_UNIFIED === '1'

/** A cgroup of the test's own. At the end its processes are killed and it is removed by hand. */
function openGroup() {
  const cgroups = openCgroups()
  const name = `/slipway-test-${randomBytes(6).toString('hex')}`
  const folders = cgroups.paths(name)
  for (const folder of folders) mkdirSync(folder)
  const children: ChildProcess[] = []
  return {
    cgroups,
    name,
    folders,
    /** Starts a shell in the cgroup `below` it. */
    start(script: string, below = ''): ChildProcess {
      const files = cgroups.paths(join(name, below)).filter(takesProcesses)
      const join_ = files.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join(' && ')
      const child = spawnProcess({
        path: '/bin/sh',
        args: ['-c', `${join_} && ${script}`],
        env: ['PATH=/bin:/usr/bin'],
        fds: {},
      })
      children.push(child)
      return child
    },
    async [Symbol.asyncDispose]() {
      if (cgroups.mode === 'v2') write(cgroups, join(name, 'cgroup.freeze'), '0')
      else write(cgroups, join(name, 'freezer.state'), 'THAWED')
      for (const child of children) child.kill(9)
      await Promise.all(children.map(({ exited }) => exited))
      for (const folder of folders) await waitFor(() => removed(folder), { what: `${folder} removed` })
    },
  }
}

function write(cgroups: Cgroups, path: string, value: string): void {
  for (const file of cgroups.paths(path)) if (existsSync(file)) writeFileSync(file, value)
}

function removed(folder: string): boolean {
  if (!existsSync(folder)) return true
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removed(join(folder, entry.name))
  }
  rmdirSync(folder)
  return true
}

/** A cpuset takes nobody in before it has processors. */
function takesProcesses(folder: string): boolean {
  const cpus = join(folder, 'cpuset.cpus')
  return IS_UNIFIED || !existsSync(cpus) || readFileSync(cpus, 'utf8').trim() !== ''
}

const SLEEP = 'exec sleep 1000'

test('a cgroup lies in every hierarchy and is found by its processes', async () => {
  await using group = openGroup()
  const { cgroups, name, start } = group
  for (const folder of cgroups.paths(join(name, 'below'))) mkdirSync(folder)
  const [own, below] = [start(SLEEP), start(SLEEP, 'below')]
  await waitFor(() => cgroups.processes(name).length === 2, { what: 'two processes' })
  assert.deepEqual(cgroups.processes(name).toSorted(), [own.pid, below.pid].toSorted())
  assert.deepEqual(cgroups.processes(join(name, 'below')), [below.pid])
  assert.deepEqual(cgroups.list(name), ['below'])
  assert.ok(cgroups.list('/').includes(name.slice(1)))
})

test('what does not exist has no processes, no files and no children, and is removed', async () => {
  const cgroups = openCgroups()
  const name = `/slipway-test-none-${randomBytes(6).toString('hex')}`
  assert.deepEqual([cgroups.processes(name), cgroups.list(name), cgroups.oomKills(name)], [[], [], 0])
  assert.equal(cgroups.read(name, 'memory.max'), undefined)
  assert.equal(cgroups.read(name, 'memory.limit_in_bytes'), undefined)
  assert.equal(cgroups.read(name, 'nonsense'), undefined)
  assert.throws(() => cgroups.write(name, 'pids.max', '5'), { code: 'ENOENT' })
  assert.throws(() => cgroups.write(name, 'nonsense', '5'), { code: 'ENOENT' })
  assert.throws(() => cgroups.freeze(name, true), { code: 'ENOENT' })
  cgroups.killAll(name, 9)
  await cgroups.remove(name)
})

test('a cgroup is removed with all below it, as soon as its processes are gone', async () => {
  await using group = openGroup()
  const { cgroups, name, folders, start } = group
  for (const folder of cgroups.paths(join(name, 'a/b'))) mkdirSync(folder, { recursive: true })
  start(SLEEP)
  const deep = start(SLEEP, 'a/b')
  await waitFor(() => cgroups.processes(name).length === 2, { what: 'two processes' })
  const removal = cgroups.remove(name)
  cgroups.killAll(name, 9)
  assert.equal((await deep.exited).signal, 9)
  await removal
  assert.deepEqual(folders.filter(existsSync), [])
  await cgroups.remove(name)
})

test('a frozen cgroup stands still until it is thawed, and dies then when it was killed', async () => {
  await using group = openGroup()
  const { cgroups, name, start } = group
  const child = start('while :; do :; done')
  await waitFor(() => cgroups.processes(name).length === 1, { what: 'a process' })
  const ticks = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ').slice(13, 15).join()
  await waitFor(() => ticks() !== '0,0', { what: 'some work' })
  cgroups.freeze(name, true)
  cgroups.freeze(name, true)
  const atRest = ticks()
  const other = spawnProcess({ path: '/bin/sleep', args: ['0.1'], env: [], fds: {} })
  await other.exited
  assert.equal(ticks(), atRest)
  cgroups.freeze(name, false)
  await waitFor(() => ticks() !== atRest, { what: 'more work' })
  cgroups.freeze(name, true)
  cgroups.killAll(name, 9)
  cgroups.freeze(name, false)
  assert.equal((await child.exited).signal, 9)
})

test('killing reaches everybody, also those that are being born', async () => {
  await using group = openGroup()
  const { cgroups, name, start } = group
  if (cgroups.read(name, 'pids.max') !== undefined) cgroups.write(name, 'pids.max', '300')
  start('breed() { while :; do sleep 1000 & done; }; breed & breed & wait')
  await waitFor(() => cgroups.processes(name).length > 50, { what: 'many processes' })
  cgroups.killAll(name, 9)
  await waitFor(() => cgroups.processes(name).length === 0, { what: 'all gone' })
})

test('a signal that can be handled reaches all as well', async () => {
  await using group = openGroup()
  const { cgroups, name, start } = group
  const children = [1, 2, 3].map(() => start('trap "exit 5" TERM; while :; do sleep 0.05; done'))
  await waitFor(() => cgroups.processes(name).length >= 6, { what: 'processes with their sleeps' })
  cgroups.killAll(name, 15)
  assert.deepEqual(await Promise.all(children.map(async ({ exited }) => (await exited).code)), [5, 5, 5])
})

test('the root is nobody’s to kill, stop or remove, and no path leads above it', async () => {
  const cgroups = openCgroups()
  for (const root of ['', '/', '//', '/.']) {
    assert.throws(() => cgroups.killAll(root, 0), TypeError)
    assert.throws(() => cgroups.freeze(root, true), TypeError)
    await assert.rejects(cgroups.remove(root), TypeError)
  }
  for (const path of ['..', '/../x', '/a/../../b', '/a/..']) {
    assert.throws(() => cgroups.paths(path), TypeError)
    assert.throws(() => cgroups.read(path, 'pids.max'), TypeError)
    await assert.rejects(cgroups.remove(path), TypeError)
  }
})

test('control files are read and written by their names', async (context) => {
  await using group = openGroup()
  const { cgroups, name } = group
  if (cgroups.read(name, 'pids.max') === undefined) {
    context.skip('the pids controller is not to be had in this hierarchy')
    return
  }
  cgroups.write(name, 'pids.max', '77')
  assert.equal(cgroups.read(name, 'pids.max')?.trim(), '77')
  assert.throws(() => cgroups.write(name, 'pids.max', 'nonsense'), { code: 'EINVAL' })
})

test('kills for lack of memory are counted, others are not', async (context) => {
  await using group = openGroup()
  const { cgroups, name, start } = group
  const file = ['memory.max', 'memory.limit_in_bytes'].find((candidate) => cgroups.read(name, candidate) !== undefined)
  if (file === undefined) {
    context.skip('the memory controller is not to be had in this hierarchy')
    return
  }
  cgroups.write(name, file, String(24 * 1024 * 1024))
  for (const swap of ['memory.swap.max', 'memory.memsw.limit_in_bytes']) {
    if (cgroups.read(name, swap) !== undefined) {
      cgroups.write(name, swap, swap === 'memory.swap.max' ? '0' : String(24 * 1024 * 1024))
    }
  }
  const quiet = start(SLEEP)
  await waitFor(() => cgroups.processes(name).length === 1, { what: 'a process' })
  quiet.kill(9)
  await quiet.exited
  assert.equal(cgroups.oomKills(name), 0)
  const greedy = start(`exec python3 -c "b'x' * 200_000_000"`)
  assert.equal((await greedy.exited).signal, 9)
  assert.equal(cgroups.oomKills(name), 1)
})

test('warming up changes nothing and never fails, many at once too', async () => {
  const cgroups = openCgroups()
  const before = readFileSync('/proc/self/cgroup', 'utf8')
  await Promise.all(Array.from({ length: 20 }, () => cgroups.prewarm()))
  assert.equal(readFileSync('/proc/self/cgroup', 'utf8'), before)
})

test('repair has nothing left to do when it has been done', () => {
  const cgroups = openCgroups()
  cgroups.repair()
  assert.deepEqual(cgroups.repair(), [])
  assert.deepEqual(openCgroups().repair(), [])
})

test('a fit host lacks nothing, and its facts fit its hierarchy', () => {
  const cgroups = openCgroups()
  const missing = checkHost({ runtime: '/usr/bin/crun', conmon: '/usr/bin/conmon', cgroups })
  const facts = probeHost(cgroups)
  assert.equal(facts.cgroupVersion, cgroups.mode === 'v2' ? '2' : '1')
  if (IS_UNIFIED) {
    // Its controllers are all with v1 on this host.
    assert.deepEqual(missing, ['cgroup controllers not available: cpu, memory, pids'])
    assert.deepEqual([facts.memoryLimit, facts.oomKillDisable], [false, false])
    return
  }
  assert.deepEqual(missing, [])
  assert.deepEqual([facts.memoryLimit, facts.pidsLimit, facts.cpuCfs], [true, true, true])
  const absent = checkHost({ runtime: '/usr/bin/no-crun', conmon: '/etc/passwd', cgroups })
  assert.match(absent.join('\n'), /no-crun not found.*crun\n\/etc\/passwd not found or not executable.*conmon/)
})

test('all of this holds on the unified hierarchy alone', async (context) => {
  if (IS_UNIFIED || openCgroups().mode === 'v2') {
    context.skip('this is it')
    return
  }
  const script = 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$0" --test "$1"'
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { code, stdout } = await runCommand(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath, import.meta.filename],
    { env: { ...env, SLIPWAY_TEST_UNIFIED: '1' }, timeout: 120_000 },
  )
  assert.equal(code, 0, stdout)
})
