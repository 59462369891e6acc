import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { closeFd, reservePort } from '../../../src/kernel/index.ts'
import { readLog } from '../../../src/runtime/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { type Lab, openLab } from './lab.ts'

const SIGTERM = 15
const SIGKILL = 9

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab[Symbol.asyncDispose]())

test('a process runs to its end with its output and its code', async () => {
  const ran = await lab.run(['sh', '-c', 'echo out; echo err >&2; exit 42'])
  assert.deepEqual(ran, { code: 42, oomKilled: false, stdout: 'out\n', stderr: 'err\n' })
  assert.equal((await lab.run(['true'])).code, 0)
  assert.deepEqual(lab.runtime.leftovers(), [])
})

test('the environment, the user, the host name and the rights are those of Docker', async () => {
  const { stdout } = await lab.run(
    ['sh', '-c', 'env | sort; id; hostname; pwd; grep -E "CapEff|Seccomp:" /proc/self/status'],
    {
      id: 'abcdef0123456789',
      spec: { user: 'user', env: ['A=1'], cwd: '/tmp/made/here', readonlyRootfs: false },
    },
  )
  assert.deepEqual(stdout.split('\n'), [
    'A=1',
    'HOME=/home/user',
    'HOSTNAME=abcdef012345',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'PWD=/tmp/made/here',
    'SHLVL=1',
    'uid=1000(user) gid=1000(user) groups=50(staff),1000(user)',
    'abcdef012345',
    '/tmp/made/here',
    'CapEff:\t0000000000000000',
    'Seccomp:\t2',
    '',
  ])
})

test('what Docker hides is hidden', async () => {
  const script = `cat /proc/kcore | wc -c; ls /sys/firmware | wc -l; sh -c 'echo x > /proc/sys/kernel/domainname' 2>&1 | grep -o Read-only
    unshare -n true 2>&1 | grep -c permitted; mount -t tmpfs x /tmp 2>&1 | grep -c denied
    ls /dev | sort | tr '\\n' ' '; grep -c cgroup /proc/mounts; touch /sys/x 2>&1 | grep -o Read-only; df /dev/shm | tail -1`
  const { stdout } = await lab.run(['sh', '-c', script])
  const lines = stdout.split('\n')
  assert.deepEqual(lines.slice(0, 5), ['0', '0', 'Read-only', '1', '1'])
  assert.equal(
    lines[5]?.replace(/\d+$/, ''),
    'core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ',
  )
  assert.match(lines[6] ?? '', /Read-only/)
  assert.match(lines[7] ?? '', /65536 /)
})

test('privileged processes may do all that the engine may', async () => {
  const { stdout } = await lab.run(
    ['sh', '-c', 'mount -t tmpfs x /tmp && echo mounted; ls /dev | wc -l; grep Seccomp: /proc/self/status'],
    {
      spec: { privileged: true },
    },
  )
  assert.match(stdout, /^mounted\n\d{2,}\nSeccomp:\t0\n$/)
})

test('a command that is missing or cannot be run is refused with Docker’s text, and nothing remains', async () => {
  for (const [command, exitCode, text] of [
    ['nosuch', 127, 'exec: "nosuch": executable file not found in $PATH: unknown'],
    ['/nosuch', 127, 'exec: "/nosuch": stat /nosuch: no such file or directory: unknown'],
    ['/etc', 126, 'exec: "/etc": is a directory: unknown'],
    ['/etc/passwd', 126, 'exec: "/etc/passwd": permission denied: unknown'],
  ] as const) {
    const id = `refused-${exitCode}`
    for (const terminal of [false, true]) {
      await assert.rejects(lab.create([command], { id, terminal }), (error: Error) => {
        assert.ok(error.message.endsWith(text), error.message)
        assert.deepEqual({ ...error }, { ...error, kind: 'invalid', exitCode })
        return true
      })
      assert.deepEqual(lab.runtime.leftovers(), [])
      for (const path of lab.cgroups.paths(lab.cgroup(id))) assert.equal(existsSync(path), false, path)
    }
  }
})

test('a working folder that is a file and a mount that does not fit are refused', async () => {
  await assert.rejects(lab.create(['ls'], { spec: { cwd: '/etc/passwd' } }), { kind: 'invalid', exitCode: 127 })
  const mounts = [{ destination: '/etc/passwd', type: 'bind', source: '/tmp', options: ['rbind'] }]
  await assert.rejects(lab.create(['ls'], { spec: { mounts } }), { kind: 'invalid', exitCode: 127 })
  assert.deepEqual(lab.runtime.leftovers(), [])
})

test('two tasks of one name are a conflict', async () => {
  const task = await lab.create(['true'], { id: 'twice' })
  await assert.rejects(lab.create(['true'], { id: 'twice' }), { kind: 'conflict' })
  await task.delete()
  assert.equal((await lab.run(['true'], { id: 'twice' })).code, 0)
})

test('a task that was never started can be removed, and removing is idempotent', async () => {
  const task = await lab.create(['sleep', '1000'])
  assert.deepEqual(lab.runtime.leftovers(), [task.id])
  await task.delete()
  await task.delete()
  assert.equal((await task.exited).code, 128 + SIGKILL)
  await assert.rejects(task.start(), { kind: 'conflict' })
})

test('signals reach the process and make its code', async () => {
  const handler = await lab.start(['sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.01; done'])
  await waitFor(() => statSync(lab.logPath(handler.task.id)).size > 0, {
    what: 'ready',
  })
  assert.equal(handler.task.kill(SIGTERM), true)
  assert.equal((await handler.task.exited).code, 9)
  assert.equal(handler.task.kill(SIGTERM), false)
  await handler.task.delete()
  const { task } = await lab.start(['sleep', '1000'])
  task.kill(SIGKILL)
  assert.equal((await task.exited).code, 137)
  await task.delete()
})

test('a process that runs out of memory is reported as such', async () => {
  const resources = { memory: 16 * 1024 * 1024, memorySwap: 16 * 1024 * 1024 }
  const { code, oomKilled } = await lab.run(['sh', '-c', 'x=a; while :; do x=$x$x; done'], { spec: { resources } })
  assert.deepEqual({ code, oomKilled }, { code: 137, oomKilled: true })
})

test('limits hold and can be changed', async () => {
  const resources = { pidsLimit: 20, nanoCpus: 500_000_000, memory: 64 * 1024 * 1024 }
  const { task } = await lab.start(['sleep', '1000'], { spec: { resources } })
  const read = (file: string): string | undefined => lab.cgroups.read(lab.cgroup(task.id), file)?.trim()
  assert.equal(read('pids.max'), '20')
  const memoryFile = lab.cgroups.mode === 'v2' ? 'memory.max' : 'memory.limit_in_bytes'
  assert.equal(read(memoryFile), String(64 * 1024 * 1024))
  await task.update({ memory: { limit: 128 * 1024 * 1024 } })
  assert.equal(read(memoryFile), String(128 * 1024 * 1024))
  await task.delete()
})

test('a paused process stands still until it is resumed', async () => {
  const { task } = await lab.start(['sh', '-c', 'while :; do echo x; sleep 0.01; done'])
  const size = (): number => statSync(lab.logPath(task.id), { throwIfNoEntry: false })?.size ?? 0
  await waitFor(() => size() > 0, { what: 'output' })
  await task.pause()
  const before = size()
  assert.ok(task.processes().includes(task.pid))
  await task.resume()
  await waitFor(() => size() > before, { what: 'more output' })
  await task.pause()
  await task.delete()
  assert.equal((await task.exited).code, 137)
})

test('the log holds every byte, and a second run is appended', async () => {
  const id = 'logged'
  await lab.run(['sh', '-c', 'echo one; echo two >&2; printf three'], { id })
  await lab.run(['echo', 'four'], { id })
  const records = await Array.fromAsync(readLog(lab.logPath(id), { stdout: true, stderr: false }))
  assert.equal(records.map(({ data }) => data).join(''), 'one\nthreefour\n')
})

test('the exit time is that of the end, not of when somebody looked', async () => {
  const { task } = await lab.start(['true'])
  const { at } = await task.exited
  const file = statSync(join(lab.execRoot, 'exits', task.id), { bigint: true })
  assert.equal(at, file.mtimeNs)
  await task.delete()
})

test('fds for the monitor live as long as the container and are not seen inside', async () => {
  const { fd, port } = reservePort({ address: '127.0.0.1', port: 0, protocol: 'tcp' })
  const { task, output } = await lab.start(['sh', '-c', 'ls /proc/self/fd | wc -l; sleep 1000'], { keepFds: [fd] })
  closeFd(fd)
  assert.throws(() => reservePort({ address: '127.0.0.1', port, protocol: 'tcp' }), { code: 'EADDRINUSE' })
  await waitFor(() => statSync(lab.logPath(task.id)).size > 0, { what: 'output' })
  task.kill(SIGKILL)
  await task.exited
  closeFd(reservePort({ address: '127.0.0.1', port, protocol: 'tcp' }).fd)
  assert.equal((await output).stdout.toString(), '4\n')
  await task.delete()
})

test('limits of the process are set, and unlimited is written as the kernel has it', async () => {
  const ulimits = [
    { name: 'nofile', soft: 100, hard: 200 },
    { name: 'core', soft: -1, hard: -1 },
  ]
  const own = readFileSync('/proc/self/limits', 'utf8')
  const wanted = /Max core file size +\S+ +unlimited/.test(own) ? ulimits : ulimits.slice(0, 1)
  const { stdout } = await lab.run(['sh', '-c', 'ulimit -Sn; ulimit -Hn; ulimit -c'], { spec: { ulimits: wanted } })
  assert.deepEqual(stdout.split('\n').slice(0, 2), ['100', '200'])
  if (wanted.length === 2) assert.equal(stdout.split('\n')[2], 'unlimited')
})
