import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, checkAsync } from './call.ts'
import { closeFd, duplicateFd } from './fd.ts'
import { KernelError } from './kernel-error.ts'
import { libc } from './libc.ts'

test('a call that fails throws what errno says, with code, call and path', () => {
  assert.throws(
    () => check(libc.open('/no/such/file', 0, 0), 'open', '/no/such/file'),
    (error) => {
      assert.ok(error instanceof KernelError)
      assert.deepEqual([error.code, error.errno, error.syscall, error.path], ['ENOENT', 2, 'open', '/no/such/file'])
      assert.equal(error.message, 'open "/no/such/file": ENOENT: no such file or directory')
      return true
    },
  )
})

test('calls on the pool have an errno each, in any order', async () => {
  const calls = [
    { args: ['/no/such/file', 0, 0], code: 'ENOENT' },
    { args: ['/proc/self/status/x', 0, 0], code: 'ENOTDIR' },
    { args: ['/', 1, 0], code: 'EISDIR' },
  ]
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, () => calls.map(({ args }) => checkAsync(libc.open, args, { name: 'open' }))).flat(),
  )
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'none'))
  assert.deepEqual(
    codes,
    results.map((_, index) => calls[index % calls.length]?.code),
  )
})

test('a text with a NUL reaches no call, neither this way nor that', async () => {
  const bad = { name: 'KernelError', code: 'EINVAL' }
  assert.throws(() => libc.open('/etc/passwd\0.txt', 0, 0), bad)
  await assert.rejects(checkAsync(libc.open, ['/etc/passwd\0.txt', 0, 0], { name: 'open' }), bad)
})

test('an error number without a name keeps its number', () => {
  const error = new KernelError(4242, 'mount', { words: 'no words' })
  assert.deepEqual([error.code, error.message], ['errno 4242', 'mount: errno 4242: no words'])
})

test('an fd is closed once', () => {
  const fd = duplicateFd(1)
  closeFd(fd)
  assert.throws(() => closeFd(fd), { code: 'EBADF' })
})
