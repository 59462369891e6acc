import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isProcessAlive, killProcess } from '../../../src/kernel/index.ts'
import { buildSpec, readLog, type Task, type TaskOptions } from '../../../src/runtime/index.ts'
import { specInput } from '../../fixtures/spec-input.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { collect, type Lab, openLab, readScreen } from './lab.ts'

const DAEMON = fileURLToPath(new URL('./daemon.ts', import.meta.url))
const SIGKILL = 9
const SIGUSR1 = 10

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab[Symbol.asyncDispose]())

interface Orders extends Partial<Omit<TaskOptions, 'spec'>> {
  readonly start?: boolean
  readonly attach?: boolean
}

/** A daemon starts the task and is killed with signal 9; gives the pid of the task's process. */
async function leave(id: string, args: readonly string[], orders: Orders = {}): Promise<number> {
  const { start = true, attach = false, ...changes } = orders
  const spec = buildSpec(
    specInput({
      id,
      rootfs: lab.rootfs,
      cgroup: lab.cgroup(id),
      args,
      readonlyRootfs: true,
      terminal: changes.terminal ?? false,
    }),
  )
  const task = { ...adoptOptions(id, changes), ...changes, spec }
  const words = JSON.stringify({ id, execRoot: lab.execRoot, task, start, attach })
  const daemon = spawn(process.execPath, [DAEMON, words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = (await once(daemon.stdout, 'data')) as [Buffer]
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  return Number(pid)
}

function adoptOptions(id: string, changes: Partial<TaskOptions> = {}): Omit<TaskOptions, 'spec'> {
  const { terminal = false, stdin = false, stdinOnce = false } = changes
  return { terminal, stdin, stdinOnce, logPath: lab.logPath(id), cgroup: lab.cgroup(id) }
}

async function adopt(id: string, changes?: Partial<TaskOptions>): Promise<Task> {
  const task = await lab.runtime.adopt(id, adoptOptions(id, changes))
  assert.ok(task)
  return task
}

async function logOf(id: string): Promise<string> {
  const records = await Array.fromAsync(readLog(lab.logPath(id), { stdout: true, stderr: true }))
  return records.map(({ data }) => data).join('')
}

test('a task lives on without its daemon and is taken over with its log, input and output', async () => {
  const script = 'i=0; while [ $i -lt 200 ]; do echo $i; i=$((i+1)); sleep 0.005; done; read x; echo "<$x>"; exit 8'
  const pid = await leave('lives', ['sh', '-c', script], { stdin: true, attach: true })
  const task = await adopt('lives', { stdin: true })
  assert.equal(task.pid, pid)
  const session = await task.attach({ output: true, stdin: true })
  await session.write(Buffer.from('hello\n'))
  await readScreen(session.output).see('<hello>\n')
  assert.equal((await task.exited).code, 8)
  const numbers = Array.from({ length: 200 }, (_, i) => `${i}\n`).join('')
  assert.equal(await logOf('lives'), `${numbers}<hello>\n`)
  await task.delete()
})

test('a task that ended while nobody watched has its own code and time', async () => {
  const pid = await leave('ended', ['sh', '-c', 'trap "exit 33" USR1; echo up; while :; do sleep 0.01; done'])
  await waitFor(() => statSync(lab.logPath('ended')).size > 0, { what: 'the trap' })
  // A second daemon must not be needed for the code: this one watches the folder, but no task.
  killProcess(pid, SIGUSR1)
  const exitFile = join(lab.execRoot, 'exits/ended')
  await waitFor(() => statSync(exitFile, { throwIfNoEntry: false }), { what: 'the exit file' })
  const task = await adopt('ended')
  const { code, at } = await task.exited
  assert.equal(code, 33)
  assert.equal(at, statSync(exitFile, { bigint: true }).mtimeNs)
  assert.equal((await collect((await task.attach({ output: true, stdin: false })).output)).stdout.length, 0)
  await task.delete()
})

test('a further process runs in a task that was taken over', async () => {
  await leave('host', ['sleep', '1000'])
  const task = await adopt('host')
  const spec = buildSpec(
    specInput({ id: 'host', rootfs: lab.rootfs, cgroup: lab.cgroup('host'), args: ['echo', 'inside'] }),
  )
  await using process = await task.exec({ process: spec.process, stdin: false, output: true })
  assert.equal((await collect(process.output)).stdout.toString(), 'inside\n')
  await task.delete()
})

test('a terminal that was taken over takes input and sizes', async () => {
  const script = 'trap "stty size" WINCH; while :; do read x; echo "<$x>"; done'
  await leave('tty', ['sh', '-c', script], { terminal: true, stdin: true, stdinOnce: true, attach: true })
  const task = await adopt('tty', { terminal: true, stdin: true, stdinOnce: true })
  const session = await task.attach({ output: true, stdin: true })
  const screen = readScreen(session.output)
  await session.write(Buffer.from('a\n'))
  await screen.see('<a>')
  task.resize({ rows: 12, columns: 34 })
  await screen.see('12 34')
  await task.delete()
})

test('input that ended with the daemon is known to be closed, input that nobody used is open', async () => {
  const options = { stdin: true, stdinOnce: true }
  await leave('closed', ['sleep', '1000'], { ...options, attach: true })
  const closed = await adopt('closed', options)
  const session = await closed.attach({ output: false, stdin: true })
  await assert.rejects(session.write(Buffer.from('x')), { kind: 'conflict' })
  await closed.delete()
  await leave('open', ['cat'], options)
  const open = await adopt('open', options)
  const client = await open.attach({ output: true, stdin: true })
  await client.write(Buffer.from('kept'))
  await client.endInput()
  assert.equal((await collect(client.output)).stdout.toString(), 'kept')
  await open.delete()
})

test('a container whose monitor has died is killed and counts as killed', async () => {
  const pid = await leave('orphan', ['sleep', '1000'])
  const conmon = Number(readFileSync(join(lab.execRoot, 'containers/orphan/conmon.pid'), 'utf8'))
  killProcess(conmon, SIGKILL)
  await waitFor(() => !isProcessAlive(conmon), { what: 'no monitor' })
  const task = await adopt('orphan')
  assert.equal((await task.exited).code, 137)
  await waitFor(() => !isProcessAlive(pid), { what: 'no process' })
  await task.delete()
})

test('a monitor that dies under our eyes takes its container along', async () => {
  const { task, output } = await lab.start(['sleep', '1000'], { id: 'watched' })
  killProcess(Number(readFileSync(join(lab.execRoot, 'containers/watched/conmon.pid'), 'utf8')), SIGKILL)
  assert.equal((await task.exited).code, 137)
  await output
  await task.delete()
})

test('a task that was created and never started is no task, and is purged', async () => {
  const pid = await leave('waiting', ['sleep', '1000'], { start: false })
  assert.equal(await lab.runtime.adopt('waiting', adoptOptions('waiting')), undefined)
  assert.deepEqual(lab.runtime.leftovers(), ['waiting'])
  await lab.runtime.purge('waiting', { cgroup: lab.cgroup('waiting') })
  assert.deepEqual(lab.runtime.leftovers(), [])
  assert.equal(isProcessAlive(pid), false)
})

test('purging ends what still runs, paused or not, and is idempotent', async () => {
  await leave('running', ['sh', '-c', 'sleep 1000 & sleep 1000'])
  lab.cgroups.freeze(lab.cgroup('running'), true)
  for (let time = 0; time < 2; time += 1) await lab.runtime.purge('running', { cgroup: lab.cgroup('running') })
  assert.deepEqual(lab.cgroups.processes(lab.cgroup('running')), [])
  assert.deepEqual(lab.runtime.leftovers(), [])
  assert.equal(await lab.runtime.adopt('nothing', adoptOptions('nothing')), undefined)
})
