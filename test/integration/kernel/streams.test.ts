import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  closeFd,
  connectSeqpacket,
  createPipe,
  createSocketPair,
  openConsoleSocket,
  streamOf,
} from '../../../src/kernel/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { nothingNewOpen, openFds, openFolder } from './lab.ts'

test('a pipe carries bytes and closes itself at its end', async () => {
  const fds = openFds()
  const [readFd, writeFd] = createPipe()
  const [reader, writer] = [streamOf(readFd, 'read'), streamOf(writeFd, 'write')]
  const sent = Buffer.alloc(300_000, 'bytes ')
  writer.end(sent)
  assert.deepEqual(Buffer.concat(await Array.fromAsync(reader)), sent)
  await nothingNewOpen(fds)
})

test('a pair of sockets is half-closed on each side by itself', async () => {
  const [a, b] = createSocketPair().map((fd) => streamOf(fd, 'duplex'))
  assert.ok(a && b)
  a.end('question')
  assert.equal(Buffer.concat(await Array.fromAsync(b)).toString(), 'question')
  b.end('answer')
  assert.equal(Buffer.concat(await Array.fromAsync(a)).toString(), 'answer')
})

test('a stream over an fd that is neither socket nor pipe is refused, and the fd closed', () => {
  const fds = openFds()
  const fd = openSync('/etc/passwd', 'r')
  assert.throws(() => streamOf(fd, 'read'), { code: 'ERR_INVALID_FD_TYPE' })
  assert.deepEqual(openFds(), fds)
})

/** Echoes packets with their length in front, one connection after the other; a packet `bye` ends the connection. */
const ECHO = `
import socket, sys, os
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.chdir(os.path.dirname(sys.argv[1]))
server.bind(os.path.basename(sys.argv[1]))
server.listen(10)
print('listening', flush=True)
while True:
    connection, _ = server.accept()
    while True:
        packet = connection.recv(1 << 20)
        if not packet or packet == b'bye': break
        connection.sendall(b'%d:' % len(packet) + packet[:4000])
    connection.close()`

async function startPython(script: string, ...args: readonly string[]): Promise<ChildProcess & AsyncDisposable> {
  const child = spawn('python3', ['-c', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  })
}

for (const [name, depth] of [
  ['a short path', 1],
  ['a path longer than a socket address', 12],
] as const) {
  test(`packets keep their borders on a socket with ${name}`, async () => {
    using folder = openFolder()
    const path = join(folder.folder(...Array.from({ length: depth }, () => 'folder-of-20-letters')), 'attach')
    await using _server = await startPython(ECHO, path)
    const fds = openFds()
    const packets: string[] = []
    const buffer = Buffer.alloc(64 * 1024)
    const socket = connectSeqpacket(path, {
      onread: {
        buffer,
        callback(length, bytes) {
          packets.push(bytes.toString('utf8', 0, length))
          return true
        },
      },
    })
    socket.resume()
    for (const packet of ['one', 'two', 'x'.repeat(32_768)]) await write(socket, packet)
    await waitFor(() => packets.length === 3, { what: 'three answers' })
    assert.deepEqual(packets, ['3:one', '3:two', `32768:${'x'.repeat(4000)}`])
    await write(socket, 'bye')
    await once(socket, 'end')
    socket.destroy()
    await nothingNewOpen(fds)
  })
}

function write(socket: ReturnType<typeof connectSeqpacket>, data: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.write(data, (error) => (error ? reject(error) : resolve()))
  return promise
}

test('packets are also data events, and can be waited with', async () => {
  using folder = openFolder()
  const path = join(folder.path, 'attach')
  await using _server = await startPython(ECHO, path)
  const socket = connectSeqpacket(path)
  await write(socket, 'early')
  const [packet] = (await once(socket, 'data')) as [Buffer]
  assert.equal(packet.toString(), '5:early')
  socket.destroy()
  await once(socket, 'close')
})

test('where nobody listens there is no connection and nothing left open', () => {
  using folder = openFolder()
  const fds = openFds()
  assert.throws(() => connectSeqpacket(join(folder.path, 'nobody')), { code: 'ENOENT', syscall: 'connect' })
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  assert.throws(() => connectSeqpacket(file), { code: 'ECONNREFUSED', path: file })
  assert.throws(() => connectSeqpacket(`/${'x'.repeat(200)}`), { code: 'ENAMETOOLONG' })
  assert.throws(() => connectSeqpacket(join(folder.path, 'nowhere', 'x'.repeat(90))), { code: 'ENOENT' })
  assert.deepEqual(openFds(), fds)
})

test('a server that takes nobody in does not stop the program', async () => {
  using folder = openFolder()
  const path = join(folder.path, 'attach')
  const script = `
import socket, sys, time
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.bind(sys.argv[1]); server.listen(1)
print('listening', flush=True); time.sleep(1000)`
  await using _server = await startPython(script, path)
  const sockets = [connectSeqpacket(path), connectSeqpacket(path)]
  assert.throws(() => connectSeqpacket(path), { code: 'EAGAIN' })
  for (const socket of sockets) await once(socket.destroy(), 'close')
})

const SEND = `
import socket, sys, os
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
os.chdir(os.path.dirname(sys.argv[1]))
connection.connect(os.path.basename(sys.argv[1]))
if len(sys.argv) > 2: socket.send_fds(connection, [b'/dev/ptmx'], [os.open(sys.argv[2], os.O_RDONLY)])
print('sent', flush=True)`

test('a console socket receives the fd that a program hands over', async () => {
  using folder = openFolder()
  const path = join(folder.folder('folder-of-20-letters'.repeat(6)), 'console')
  const file = join(folder.path, 'file')
  writeFileSync(file, 'content')
  const fds = openFds()
  {
    using socket = openConsoleSocket(path)
    const received = socket.receive()
    await using _sender = await startPython(SEND, path, file)
    const fd = await received
    assert.ok(fd !== undefined)
    assert.equal(readFileSync(fd, 'utf8'), 'content')
    assert.match(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'), /^flags:\s+0?2\d{6}$/m)
    closeFd(fd)
  }
  assert.equal(existsSync(path), false)
  await nothingNewOpen(fds)
})

test('a program that hands nothing over is told of', async () => {
  using folder = openFolder()
  const path = join(folder.path, 'console')
  using socket = openConsoleSocket(path)
  const received = assert.rejects(socket.receive(), /without a terminal/)
  await using _sender = await startPython(SEND, path)
  await received
})
