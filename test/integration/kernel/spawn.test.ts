import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  closeFd,
  createPipe,
  duplicateFd,
  isProcessAlive,
  type SpawnOptions,
  spawnProcess,
  streamOf,
} from '../../../src/kernel/index.ts'
import { runCommand } from '../../fixtures/command.ts'
import { nothingNewOpen, openFds, openFolder } from './lab.ts'

/** Runs a program to its end; its standard output goes to a pipe. */
async function run({ fds = {}, ...options }: Partial<SpawnOptions> & Pick<SpawnOptions, 'path' | 'args'>) {
  const [readFd, writeFd] = createPipe()
  const child = spawnProcess({ env: [], ...options, fds: { 1: writeFd, ...fds } })
  closeFd(writeFd)
  const output = Buffer.concat(await Array.fromAsync(streamOf(readFd, 'read'))).toString()
  return { ...(await child.exited), output, pid: child.pid }
}

const shell = (script: string, options: Partial<SpawnOptions> = {}) =>
  run({ path: '/bin/sh', args: ['-c', script], ...options })

test('a program says how it ended: by code or by signal', async () => {
  for (const code of [0, 1, 7, 255]) {
    assert.partialDeepStrictEqual(await shell(`exit ${code}`), { code, signal: null })
  }
  for (const signal of [1, 9, 15, 34]) {
    assert.partialDeepStrictEqual(await shell(`kill -${signal} $$`), { code: null, signal })
  }
})

test('arguments and environment are those given and no others', async () => {
  const args = ['', 'two words', '"quoted"', 'ü', '-x\n']
  const { output } = await run({ path: '/usr/bin/printf', args: ['[%s]', ...args] })
  assert.equal(output, args.map((arg) => `[${arg}]`).join(''))
  const env = ['A=1', 'B=', 'C=x=y']
  assert.equal((await run({ path: '/usr/bin/env', args: [], env })).output, 'A=1\nB=\nC=x=y\n')
  const named = await run({ path: '/bin/sh', argv0: 'another', args: ['-c', 'echo $0'] })
  assert.equal(named.output, 'another\n')
})

test('a text that C would cut short is refused', () => {
  const options = { path: '/bin/true', args: [], env: [], fds: {} }
  assert.throws(() => spawnProcess({ ...options, args: ['a\0b'] }), TypeError)
  assert.throws(() => spawnProcess({ ...options, env: ['A=a\0b'] }), TypeError)
  assert.throws(() => spawnProcess({ ...options, path: '/bin/true\0' }), TypeError)
  assert.throws(() => spawnProcess({ ...options, cwd: '/\0' }), { code: 'EINVAL' })
})

test('the working folder is the one given', async () => {
  using folder = openFolder()
  assert.equal((await shell('pwd', { cwd: folder.path })).output, `${folder.path}\n`)
})

test('what cannot be started says which path is wrong, and leaves nothing', () => {
  using folder = openFolder()
  const fds = openFds()
  const start = (options: Partial<SpawnOptions>) =>
    spawnProcess({ path: '/bin/true', args: [], env: [], fds: {}, ...options })
  const nowhere = join(folder.path, 'nowhere')
  assert.throws(() => start({ path: nowhere }), { code: 'ENOENT', path: nowhere, syscall: 'posix_spawn' })
  assert.throws(() => start({ cwd: nowhere }), { code: 'ENOENT', path: nowhere, syscall: 'chdir' })
  assert.throws(() => start({ path: '/etc/passwd' }), { code: 'EACCES' })
  assert.throws(() => start({ path: '/etc' }), { code: 'EACCES' })
  assert.throws(() => start({ fds: { 3: 9999 } }), { code: 'EBADF' })
  assert.throws(() => start({ fds: { 3: -1 } }), { code: 'EBADF' })
  assert.deepEqual(openFds(), fds)
})

test('a child has the fds given and no others', async () => {
  // One that children would inherit.
  const leaky = duplicateFd(0, { cloexec: false })
  try {
    const [readFd, writeFd] = createPipe()
    // ls has one more, for the folder that it lists.
    const list = { path: '/bin/ls', args: ['/proc/self/fd'] }
    assert.equal((await run(list)).output, '0\n1\n2\n3\n')
    assert.equal((await run({ ...list, fds: { 3: readFd } })).output, '0\n1\n2\n3\n4\n')
    assert.equal((await run({ ...list, fds: { 5: readFd, 9: writeFd } })).output, '0\n1\n2\n3\n5\n9\n')
    closeFd(readFd)
    closeFd(writeFd)
  } finally {
    closeFd(leaky)
  }
})

test('standard input, output and error are /dev/null unless given', async () => {
  const { output } = await shell('readlink /proc/$$/fd/0; readlink /proc/$$/fd/2; cat; echo x >&2; echo $?')
  assert.equal(output, '/dev/null\n/dev/null\n0\n')
})

test('fds may change places', async () => {
  const [firstRead, firstWrite] = createPipe()
  const [secondRead, secondWrite] = createPipe()
  const write = { path: '/bin/bash', args: ['-c', `echo first >&${secondWrite}; echo second >&${firstWrite}`] }
  const fds = { [firstWrite]: secondWrite, [secondWrite]: firstWrite }
  const child = spawnProcess({ ...write, env: [], fds })
  closeFd(firstWrite)
  closeFd(secondWrite)
  const read = async (fd: number) => Buffer.concat(await Array.fromAsync(streamOf(fd, 'read'))).toString()
  assert.deepEqual([await read(firstRead), await read(secondRead)], ['first\n', 'second\n'])
  assert.equal((await child.exited).code, 0)
})

test('one fd may be given several times, as itself too', async () => {
  const [readFd, writeFd] = createPipe()
  const script = `echo a; echo b >&2; echo c >&${writeFd}; echo d >&${writeFd + 20}`
  const fds = { 1: writeFd, 2: writeFd, [writeFd]: writeFd, [writeFd + 20]: writeFd }
  const child = spawnProcess({ path: '/bin/bash', args: ['-c', script], env: [], fds })
  closeFd(writeFd)
  assert.equal(Buffer.concat(await Array.fromAsync(streamOf(readFd, 'read'))).toString(), 'a\nb\nc\nd\n')
  await child.exited
})

test('a child has no signal blocked or ignored, whatever this process does', async () => {
  const { output } = await run({ path: '/bin/cat', args: ['/proc/self/status'] })
  for (const field of ['SigBlk', 'SigIgn', 'SigCgt']) assert.match(output, new RegExp(`^${field}:\\s+0+$`, 'm'))
  assert.match(readFileSync('/proc/self/status', 'utf8'), /^SigIgn:\s+0*[1-9a-f]/m)
})

test('a new session is led by the child', async () => {
  const script = "sed 's/.*) //' /proc/$$/stat | cut -d' ' -f4"
  const led = await shell(script, { newSession: true })
  assert.equal(led.output.trim(), String(led.pid))
  const own = await shell(script)
  assert.notEqual(own.output.trim(), String(own.pid))
})

test('a child is killed while it lives and never afterwards', async () => {
  const child = spawnProcess({ path: '/bin/sleep', args: ['100'], env: [], fds: {} })
  assert.equal(isProcessAlive(child.pid), true)
  assert.equal(child.kill(0), true)
  assert.equal(child.kill(15), true)
  assert.deepEqual(await child.exited, { code: null, signal: 15 })
  assert.equal(child.kill(15), false)
  assert.equal(isProcessAlive(child.pid), false)
})

test('two hundred at once are all reaped, each with its own code', async () => {
  const fds = openFds()
  const children = Array.from({ length: 200 }, (_, index) =>
    spawnProcess({ path: '/bin/sh', args: ['-c', `exit ${index}`], env: [], fds: {} }),
  )
  const codes = await Promise.all(children.map(async ({ exited }) => (await exited).code))
  assert.deepEqual(
    codes,
    Array.from({ length: 200 }, (_, index) => index),
  )
  assert.deepEqual(
    children.filter(({ pid }) => isProcessAlive(pid)),
    [],
  )
  await nothingNewOpen(fds)
})

test('children of Node beside ours end as ever', async () => {
  const ours = shell('exit 3')
  const nodes = await runCommand('sh', ['-c', 'exit 4'])
  assert.deepEqual([(await ours).code, nodes.code], [3, 4])
})

test('a program that waits for a child alone does not end before it', async () => {
  const door = join(import.meta.dirname, '../../../src/kernel/index.ts')
  const script = `
    import { spawnProcess } from ${JSON.stringify(door)}
    const child = spawnProcess({ path: '/bin/sleep', args: ['0.3'], env: [], fds: {} })
    console.log((await child.exited).code)`
  const { stdout, code } = await runCommand(process.execPath, ['--input-type=module', '-e', script])
  assert.deepEqual([stdout, code], ['0\n', 0])
})
