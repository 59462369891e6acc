import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { RuntimeSpec } from '../../../src/oci/index.ts'
import {
  buildExecProcess,
  buildSpec,
  type ExecOptions,
  type ExecProcess,
  type Task,
} from '../../../src/runtime/index.ts'
import { specInput } from '../../fixtures/spec-input.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { collect, type Lab, openLab, readScreen } from './lab.ts'

const SIGTERM = 15
const MIB = 1024 * 1024

let lab: Lab
let task: Task
let spec: RuntimeSpec
before(async () => {
  lab = await openLab()
  task = await lab.create(['sleep', '100000'], { id: 'host' })
  spec = buildSpec(specInput({ id: 'host', rootfs: lab.rootfs, cgroup: lab.cgroup('host') }))
  await task.start()
})
after(async () => {
  await task.delete()
  await lab[Symbol.asyncDispose]()
})

interface ExecChanges extends Partial<Omit<ExecOptions, 'process'>> {
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly user?: string
  readonly terminal?: boolean
}

function exec(args: readonly string[], changes: ExecChanges = {}): Promise<ExecProcess> {
  const { env = [], cwd = '', user = '', terminal = false, stdin = false, output = true, size } = changes
  const process = buildExecProcess({ spec, args, env, cwd, user, groupAdd: [], terminal, privileged: false })
  return task.exec({ process, stdin, output, size })
}

async function run(
  args: readonly string[],
  changes?: ExecChanges,
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using process = await exec(args, changes)
  const { stdout, stderr } = await collect(process.output)
  return { code: await process.exited, stdout: stdout.toString(), stderr: stderr.toString() }
}

/** Files of execs that have started are gone; those of the container stay. */
function folderIsClean(): boolean {
  return readdirSync(join(lab.execRoot, 'containers/host')).every((name) => !name.startsWith('exec-'))
}

test('a further process has its own output, code, environment, user and folder', async () => {
  assert.deepEqual(await run(['sh', '-c', 'echo out; echo err >&2; exit 7']), {
    code: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  })
  const { stdout } = await run(
    ['sh', '-c', 'echo $A $HOME $(id -un) $(pwd); grep -E "CapEff|Seccomp:" /proc/self/status'],
    {
      env: ['A=1'],
      cwd: '/tmp',
      user: 'user',
    },
  )
  assert.equal(stdout, '1 /home/user user /tmp\nCapEff:\t0000000000000000\nSeccomp:\t2\n')
  assert.ok(folderIsClean())
})

test('a command that is missing or cannot be run is refused with Docker’s text', async () => {
  const prefix = 'OCI runtime exec failed: exec failed: unable to start container process: '
  for (const terminal of [false, true]) {
    for (const [command, exitCode, text] of [
      ['nosuch', 127, 'exec: "nosuch": executable file not found in $PATH: unknown'],
      ['/nosuch', 127, 'exec: "/nosuch": stat /nosuch: no such file or directory: unknown'],
      ['/etc', 126, 'exec: "/etc": is a directory: unknown'],
      ['/etc/passwd', 126, 'exec: "/etc/passwd": permission denied: unknown'],
    ] as const) {
      const expected = { kind: 'invalid', exitCode, message: prefix + text }
      await assert.rejects(exec([command], { terminal, stdin: terminal }), expected)
    }
  }
  await assert.rejects(exec(['ls'], { cwd: '/nosuch' }), { kind: 'invalid', exitCode: 127 })
  assert.ok(folderIsClean())
})

test('input is delivered and its end too', { timeout: 60_000 }, async () => {
  await using process = await exec(['cat'], { stdin: true })
  const size = 64 * MIB
  const sent = createHash('sha256')
  const writing = (async () => {
    for (let done = 0; done < size; done += MIB) {
      const data = randomBytes(MIB)
      sent.update(data)
      await process.write(data)
    }
    await process.endInput()
  })()
  const received = createHash('sha256')
  for await (const { data } of process.output) received.update(data)
  await writing
  assert.equal(received.digest('hex'), sent.digest('hex'))
  assert.equal(await process.exited, 0)
})

test('a slow reader holds the process back', async () => {
  await using process = await exec(['sh', '-c', 'head -c 8388608 /dev/zero; echo $? >&2'])
  const chunks = process.output[Symbol.asyncIterator]()
  const first = await chunks.next()
  assert.ok(!first.done)
  const { stdout, stderr } = await collect({ [Symbol.asyncIterator]: () => chunks })
  assert.equal(stdout.length + first.value.data.length, 8 * MIB)
  assert.equal(stderr.toString(), '0\n')
})

test('writing to a process that has ended is refused, and to one without input', async () => {
  await using process = await exec(['sh', '-c', 'sleep 1000'], { stdin: true })
  const writing = (async () => {
    for (;;) await process.write(Buffer.alloc(MIB))
  })()
  process.kill(9)
  await assert.rejects(writing, { kind: 'conflict' })
  assert.equal(await process.exited, 137)
  await using other = await exec(['true'])
  await assert.rejects(other.write(Buffer.from('x')), { kind: 'conflict' })
})

test('a terminal echoes, has a size and can be resized', async () => {
  const script = 'trap "stty size" WINCH; stty size; while [ -z "$line" ]; do read line; done; echo "<$line>"; exit 3'
  const size = { rows: 30, columns: 90 }
  await using process = await exec(['sh', '-c', script], { terminal: true, stdin: true, size })
  const screen = readScreen(process.output)
  await screen.see('30 90\r\n')
  process.resize({ rows: 40, columns: 100 })
  await process.write(Buffer.from('typed\n'))
  await screen.see('40 100\r\n')
  await screen.see('<typed>\r\n')
  assert.equal(await process.exited, 3)
  await collect(process.output)
  await using plain = await exec(['true'])
  assert.throws(() => plain.resize(size), { kind: 'conflict' })
})

test('signals reach the process, whose pid is the host’s', async () => {
  await using process = await exec(['sh', '-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.01; done'])
  await readScreen(process.output).see('ready')
  assert.ok(task.processes().includes(process.pid))
  assert.equal(process.kill(SIGTERM), true)
  assert.equal(await process.exited, 5)
  assert.equal(process.kill(SIGTERM), false)
})

test('a detached process runs without anybody reading', async () => {
  for (const terminal of [false, true]) {
    await using process = await exec(['sh', '-c', 'head -c 1000000 /dev/zero; echo x >&2; exit 4'], {
      output: false,
      terminal,
    })
    assert.equal(await process.exited, 4)
  }
})

test('a client that goes away leaves the process running', async () => {
  const process = await exec(['sh', '-c', 'head -c 4000000 /dev/zero; read x; exit 6'], { stdin: true })
  await process[Symbol.asyncDispose]()
  assert.equal(await process.exited, 6)
})

test('what a process leaves behind in the background does not keep its output open for ever', async () => {
  await using process = await exec(['sh', '-c', 'sleep 1000 & echo left'])
  assert.equal((await collect(process.output)).stdout.toString(), 'left\n')
  assert.equal(await process.exited, 0)
})

test('many processes at once each have their own output', async () => {
  const outputs = await Promise.all(
    Array.from({ length: 8 }, (_, i) => run(['echo', String(i)], { terminal: i % 2 === 0 })),
  )
  assert.deepEqual(
    outputs.map(({ stdout }) => stdout.trim()),
    Array.from({ length: 8 }, (_, i) => String(i)),
  )
  await waitFor(() => folderIsClean(), { what: 'a clean folder' })
})

test('nothing can be executed in a task that has ended', async () => {
  const { task: ended } = await lab.start(['true'])
  await ended.exited
  await assert.rejects(ended.exec({ process: spec.process, stdin: false, output: true }), { kind: 'conflict' })
  await ended.delete()
})
