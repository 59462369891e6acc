import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { closeFd } from '../native/fd.ts'
import { openConsoleSocket } from './console-socket.ts'
import { watchProcess } from './process-watch.ts'
import { processStartTime } from './processes.ts'
import { openPty } from './pty.ts'
import { spawnProcess } from './spawn.ts'
import { streamOfTerminal } from './terminal-stream.ts'

test('a terminal is read and written as a stream until its last user has gone', async () => {
  const { masterFd, slaveFd } = openPty()
  const stream = streamOfTerminal(masterFd)
  let seen = ''
  stream.on('data', (data: Buffer) => {
    seen += data
  })
  const failed = once(stream, 'error')
  stream.resume()
  const script = 'read line; echo got $line'
  const child = spawnProcess({ path: '/bin/sh', args: ['-c', script], env: [], fds: { 0: slaveFd, 1: slaveFd } })
  closeFd(slaveFd)
  stream.write('hello\n')
  const [error] = (await failed) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'EIO')
  assert.equal(seen, 'hello\r\ngot hello\r\n')
  assert.equal((await child.exited).code, 0)
})

test('the end of a process is seen, of one that has gone at once, and a disposed watch ends', async () => {
  const child = spawnProcess({ path: '/bin/sleep', args: ['60'], env: [], fds: {} })
  using other = watchProcess(child.pid, 'not its time')
  await other.ended
  using watch = watchProcess(child.pid, processStartTime(child.pid))
  const disposed = watchProcess(process.pid)
  disposed[Symbol.dispose]()
  await disposed.ended
  child.kill(9)
  await watch.ended
  await child.exited
  using late = watchProcess(child.pid)
  await late.ended
})

test('a console socket that nobody connects to is gone after disposal', async () => {
  const folder = mkdtempSync(join(tmpdir(), `slw-${'long'.repeat(30)}-`))
  try {
    const path = join(folder, 'console')
    const socket = openConsoleSocket(path)
    const received = socket.receive()
    socket[Symbol.dispose]()
    assert.equal(await received, undefined)
    assert.equal(existsSync(path), false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
