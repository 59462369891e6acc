import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  closeFd,
  createPipe,
  openPty,
  setProcessWindowSize,
  setWindowSize,
  spawnProcess,
  streamOfTerminal,
} from '../../../src/kernel/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { nothingNewOpen, openFds } from './lab.ts'

/** A shell on a terminal of its own, and what has appeared on it. */
function openShell(script: string) {
  const { masterFd, slaveFd } = openPty()
  setWindowSize(masterFd, { rows: 40, columns: 120 })
  const fds = { 0: slaveFd, 1: slaveFd, 2: slaveFd }
  const child = spawnProcess({ path: '/bin/bash', args: ['-c', script], env: ['PATH=/bin'], fds, newSession: true })
  closeFd(slaveFd)
  const stream = streamOfTerminal(masterFd)
  const ended = Promise.withResolvers<NodeJS.ErrnoException>()
  let screen = ''
  stream.on('data', (data: Buffer) => {
    screen += data.toString()
  })
  stream.on('error', ended.resolve)
  stream.resume()
  return { child, stream, ended: ended.promise, screen: () => screen }
}

test('a size set before the start is seen, one set later is told', async () => {
  const fds = openFds()
  const script = 'trap "stty size; exit 5" WINCH; stty size; while :; do read -t 1 line; done'
  const { child, screen, ended } = openShell(script)
  await waitFor(() => screen() === '40 120\r\n', { what: 'the first size' })
  setProcessWindowSize(child.pid, { rows: 24, columns: 80 })
  await waitFor(() => screen() === '40 120\r\n24 80\r\n', { what: 'the second size' })
  assert.equal((await child.exited).code, 5)
  assert.equal((await ended).code, 'EIO')
  await nothingNewOpen(fds)
})

test('what is typed arrives, and a signal key ends the program', async () => {
  // The leader of a session makes the first terminal that it opens its own.
  const script = 'exec < "$(readlink /proc/$$/fd/0)"; read word; echo "got $word"; exec sleep 1000'
  const { child, stream, screen } = openShell(script)
  stream.write('ü\n')
  await waitFor(() => screen().includes('got ü'), { what: 'the answer' })
  stream.write('\x03')
  assert.deepEqual(await child.exited, { code: null, signal: 2 })
})

test('what is no terminal has no size', async () => {
  const [readFd, writeFd] = createPipe()
  assert.throws(() => setWindowSize(readFd, { rows: 1, columns: 1 }), { code: 'ENOTTY' })
  const child = spawnProcess({ path: '/bin/sleep', args: ['100'], env: [], fds: { 0: readFd } })
  assert.throws(() => setProcessWindowSize(child.pid, { rows: 1, columns: 1 }), { code: 'ENOTTY' })
  child.kill(9)
  await child.exited
  assert.throws(() => setProcessWindowSize(child.pid, { rows: 1, columns: 1 }), { code: 'ENOENT' })
  closeFd(readFd)
  closeFd(writeFd)
})
