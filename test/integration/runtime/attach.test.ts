import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { OutputChunk, Task } from '../../../src/runtime/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { collect, type Lab, openLab, readScreen } from './lab.ts'

const SIGKILL = 9
const MIB = 1024 * 1024
/** What fits into no buffer between a container and a reader that does not read. */
const PLENTY = 8 * MIB

let lab: Lab
before(async () => {
  lab = await openLab({ stallLimit: 200 })
})
after(() => lab[Symbol.asyncDispose]())

test('random bytes come through cat unchanged, in both directions', { timeout: 120_000 }, async () => {
  const size = 256 * MIB
  const task = await lab.create(['cat'], { stdin: true, stdinOnce: true, logPath: undefined })
  const session = await task.attach({ output: true, stdin: true })
  await task.start()
  const sent = createHash('sha256')
  const writing = (async () => {
    for (let done = 0; done < size; done += MIB) {
      const data = randomBytes(MIB)
      sent.update(data)
      await session.write(data)
    }
    await session.endInput()
  })()
  const received = createHash('sha256')
  let bytes = 0
  for await (const { data } of session.output) {
    received.update(data)
    bytes += data.length
  }
  await writing
  assert.equal(bytes, size)
  assert.equal(received.digest('hex'), sent.digest('hex'))
  assert.equal((await task.exited).code, 0)
  assert.ok(process.memoryUsage().rss < 400 * MIB)
  await task.delete()
})

test('a flood of output is complete for the client and in the log', async () => {
  const script =
    'dd if=/dev/zero bs=64k count=512 2>/dev/null; i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done'
  const { task, output } = await lab.start(['sh', '-c', script])
  const { stdout } = await output
  const lines = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('')
  assert.equal(stdout.length, 32 * MIB + lines.length)
  assert.ok(stdout.subarray(0, 32 * MIB).every((byte) => byte === 0))
  assert.equal(stdout.subarray(32 * MIB).toString(), lines)
  await task.delete()
})

test('standard input ends with the first client when the task says so', async () => {
  assert.equal((await lab.run(['wc', '-c'], { stdin: true, stdinOnce: true, input: 'hello' })).stdout, '5\n')
  assert.equal((await lab.run(['wc', '-c'], { stdin: true, stdinOnce: true, input: '' })).stdout, '0\n')
})

test('standard input stays open for further clients otherwise', async () => {
  const task = await lab.create(['sh', '-c', 'read a; echo $a; read b; echo $b'], { stdin: true })
  const first = await task.attach({ output: true, stdin: true })
  await task.start()
  const screen = readScreen(first.output)
  await first.write(Buffer.from('one\n'))
  await screen.see('one\n')
  await first.endInput()
  await first[Symbol.asyncDispose]()
  const second = await task.attach({ output: true, stdin: true })
  await second.write(Buffer.from('two\n'))
  assert.equal((await collect(second.output)).stdout.toString(), 'two\n')
  await task.delete()
})

test('input without a place to go is refused', async () => {
  const { task, session } = await lab.start(['sleep', '1000'])
  await assert.rejects(session.write(Buffer.from('x')), { kind: 'conflict' })
  await task.delete()
  const other = await lab.start(['sleep', '1000'], { stdin: true, stdinOnce: true })
  const reader = await other.task.attach({ output: true, stdin: false })
  await assert.rejects(reader.write(Buffer.from('x')), { kind: 'conflict' })
  await other.session.endInput()
  await assert.rejects(other.session.write(Buffer.from('x')), { kind: 'conflict' })
  await other.task.delete()
})

test('several clients get the same output, and a later one what comes later', async () => {
  const script = 'read x; echo first; read x; echo second'
  const task = await lab.create(['sh', '-c', script], { stdin: true })
  const [one, two] = await Promise.all([
    task.attach({ output: true, stdin: true }),
    task.attach({ output: true, stdin: true }),
  ])
  await task.start()
  const screen = readScreen(one.output)
  await one.write(Buffer.from('\n'))
  await screen.see('first\n')
  const late = await task.attach({ output: true, stdin: false })
  await two.write(Buffer.from('\n'))
  await screen.see('second\n')
  assert.equal((await collect(two.output)).stdout.toString(), 'first\nsecond\n')
  assert.equal((await collect(late.output)).stdout.toString(), 'second\n')
  await task.delete()
})

test('a client that leaves neither stops the container nor the others', async () => {
  const { task, session, output } = await lab.start(['sh', '-c', 'read x; echo done'], { stdin: true, stdinOnce: true })
  const stop = new AbortController()
  const aborted = await task.attach({ output: true, stdin: true, signal: stop.signal })
  stop.abort()
  assert.deepEqual(await collect(aborted.output), { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) })
  await session.write(Buffer.from('\n'))
  assert.equal((await output).stdout.toString(), 'done\n')
  await task.delete()
})

test('a client of a task that has ended gets an end', async () => {
  const { task, output } = await lab.start(['true'])
  await output
  await task.exited
  const session = await task.attach({ output: true, stdin: true })
  assert.equal((await collect(session.output)).stdout.length, 0)
  await task.delete()
})

test('a terminal echoes, has a size, and can be resized', async () => {
  const script =
    'trap "stty size" WINCH; stty size; while [ -z "$line" ]; do read line; done; echo "<$line>"; tty; exit 3'
  const task = await lab.create(['sh', '-c', script], {
    terminal: true,
    stdin: true,
    spec: { size: { rows: 33, columns: 99 } },
  })
  const session = await task.attach({ output: true, stdin: true })
  await task.start()
  const screen = readScreen(session.output)
  await screen.see('33 99\r\n')
  task.resize({ rows: 44, columns: 111 })
  await screen.see('44 111\r\n')
  await session.write(Buffer.from('typed\n'))
  await screen.see('typed\r\n')
  await screen.see('<typed>\r\n')
  await screen.see('/dev/pts/0')
  assert.equal((await task.exited).code, 3)
  await task.delete()
  assert.throws(() => task.resize({ rows: 1, columns: 1 }), { kind: 'conflict' })
})

test('a resize reaches a process that waits for it, also one that has put its input away', async () => {
  for (const redirection of ['', 'exec 0</dev/null;']) {
    const script = `${redirection} trap 'stty size <&1; exit' WINCH; echo ready; while :; do sleep 0.01; done`
    const { task, session } = await lab.start(['sh', '-c', script], { terminal: true, stdin: true })

    await waitFor(() => statSync(lab.logPath(task.id)).size > 0, { what: 'ready' })
    task.resize({ rows: 20, columns: 30 })
    await waitFor(() => task.kill(0) === false, { what: 'the end' })
    await task.exited
    await session[Symbol.asyncDispose]()
    await task.delete()
  }
})

/** A client that does not read. */
async function attachStuck(task: Task): Promise<AsyncIterator<OutputChunk>> {
  const session = await task.attach({ output: true, stdin: false })
  return session.output[Symbol.asyncIterator]()
}

test('the only reader holds the container back until it reads', async () => {
  const task = await lab.create(['sh', '-c', `head -c ${PLENTY} /dev/zero; echo end >&2`])
  const session = await task.attach({ output: true, stdin: false })
  await task.start()
  const grown = (): number => statSync(lab.logPath(task.id)).size
  await waitFor(() => grown() > MIB, { what: 'a full queue' })
  // Several times the limit for stalled readers: nobody else waits, so this one is left alone.
  const reached = await new Promise<number>((resolve) => setTimeout(() => resolve(grown()), 700))
  assert.ok(reached < PLENTY / 2, `${reached} bytes went past a reader that does not read`)
  assert.equal((await collect(session.output)).stdout.length, PLENTY)
  await task.delete()
})

test('a stuck reader does not hold others back, and loses nothing when it attached before the start', async () => {
  const task = await lab.create(['sh', '-c', `head -c ${PLENTY} /dev/urandom | tee /dev/stderr`])
  const stuck = await task.attach({ output: true, stdin: false })
  const session = await task.attach({ output: true, stdin: false })
  await task.start()
  const complete = await collect(session.output)
  assert.equal(complete.stdout.length, PLENTY)
  await task.exited
  const late = await collect(stuck.output)
  assert.ok(late.stdout.equals(complete.stdout))
  assert.ok(late.stderr.equals(complete.stderr))
  await task.delete()
})

test('a stuck reader that attached later is ended with an error when others wait', async () => {
  const task = await lab.create(['sh', '-c', `read x; head -c ${PLENTY} /dev/zero`], { stdin: true })
  await task.start()
  const stuck = await attachStuck(task)
  const session = await task.attach({ output: true, stdin: true })
  await session.write(Buffer.from('\n'))
  assert.equal((await collect(session.output)).stdout.length, PLENTY)
  await assert.rejects(Array.fromAsync({ [Symbol.asyncIterator]: () => stuck }), { kind: 'unavailable' })
  await task.delete()
})

test('a stuck reader does not keep a killed container from being gone', async () => {
  const task = await lab.create(['cat', '/dev/zero'])
  const session = await task.attach({ output: true, stdin: false })
  await task.start()
  await waitFor(() => statSync(lab.logPath(task.id)).size > MIB, { what: 'a full queue' })
  task.kill(SIGKILL)
  assert.equal((await task.exited).code, 137)
  await task.delete()
  const { stdout } = await collect(session.output)
  assert.ok(stdout.length > MIB)
})
