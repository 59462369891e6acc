import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listen } from './listen.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-listen-'))
after(() => rmSync(folder, { recursive: true }))

test('a unix socket is made with the mode that was asked for, and is gone after closing', async () => {
  const path = join(folder, 'own.sock')
  await using made = disposable(createServer())
  assert.equal(await listen(made.server, { kind: 'unix', path }), `unix://${path}`)
  assert.equal(statSync(path).mode & 0o777, 0o660)
  await made.close()
  assert.ok(!existsSync(path))
  await using open = disposable(createServer())
  await listen(open.server, { kind: 'unix', path, mode: 0o600, group: String(process.getgid?.()) })
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('a socket nobody answers on is replaced, one that answers is not', async () => {
  const path = join(folder, 'stale.sock')
  await leaveStale(path)
  await using first = disposable(createServer())
  await listen(first.server, { kind: 'unix', path })
  await using second = disposable(createServer())
  await assert.rejects(listen(second.server, { kind: 'unix', path }), {
    kind: 'unavailable',
    message: `cannot listen on ${path}: another daemon answers there`,
  })
  const client = connect(path)
  await once(client, 'connect')
  client.destroy()
})

test('what is no socket is left alone, and unknown groups are refused', async () => {
  const path = join(folder, 'file')
  writeFileSync(path, 'mine')
  await using made = disposable(createServer())
  await assert.rejects(listen(made.server, { kind: 'unix', path }), /a file that is no socket is there/)
  assert.ok(existsSync(path))
  const target = { kind: 'unix', path: join(folder, 'x.sock'), group: 'no-such-group' } as const
  await assert.rejects(listen(made.server, target), { kind: 'invalid', message: 'group no-such-group not found' })
})

test('a port is listened on, and a taken one is told', async () => {
  await using first = disposable(createServer())
  const address = await listen(first.server, { kind: 'tcp', host: '127.0.0.1', port: 0 })
  assert.match(address, /^tcp:\/\/127\.0\.0\.1:\d+$/)
  await using second = disposable(createServer())
  const port = Number(address.split(':').at(-1))
  await assert.rejects(listen(second.server, { kind: 'tcp', host: '127.0.0.1', port }), {
    kind: 'unavailable',
    message: new RegExp(`^cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
  })
})

/** A socket file as a daemon leaves it that was killed. */
async function leaveStale(path: string): Promise<void> {
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  const script = join(folder, 'stale.cjs')
  writeFileSync(script, code)
  await once(fork(script, { stdio: 'ignore' }), 'exit')
  assert.ok(existsSync(path))
}

function disposable(server: Server): AsyncDisposable & { readonly server: Server; close(): Promise<void> } {
  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  return { server, close, [Symbol.asyncDispose]: close }
}
