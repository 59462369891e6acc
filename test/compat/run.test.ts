import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { openTerminal } from '../fixtures/pty.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

interface RunCase {
  readonly title: string
  /** Flags of `docker run --rm`, the image behind them is busybox. */
  readonly flags?: readonly string[]
  readonly command: readonly string[]
  readonly input?: string
  readonly code?: number
  readonly stdout?: string | RegExp
  readonly stderr?: string | RegExp
}

const sh = (script: string): readonly string[] => ['sh', '-c', script]

const CASES: readonly RunCase[] = [
  {
    title: 'output and error output stay apart',
    command: sh('echo out; echo err >&2'),
    stdout: 'out\n',
    stderr: 'err\n',
  },
  { title: 'the exit code is the command’s own', command: sh('exit 7'), code: 7 },
  {
    title: 'a command that is killed ends with 128 + n',
    command: sh("sh -c 'kill -KILL $$'; exit $?"),
    code: 137,
    stderr: 'Killed\n',
  },
  {
    title: 'a command that does not exist is 127',
    command: ['nosuchcommand'],
    code: 127,
    stderr: /exec: "nosuchcommand": executable file not found in \$PATH/,
  },
  { title: 'a path that does not exist is 127', command: ['/no/such'], code: 127, stderr: /no such file or directory/ },
  { title: 'a directory as command is 126', command: ['/etc'], code: 126, stderr: /permission denied|is a directory/ },
  { title: 'a file that is not executable is 126', command: ['/etc/passwd'], code: 126, stderr: /permission denied/ },
  {
    title: 'a flag that does not exist is 125',
    flags: ['--nonsense'],
    command: ['true'],
    code: 125,
    stderr: /unknown flag/,
  },
  {
    title: 'a memory limit below the least is 125',
    flags: ['-m', '1m'],
    command: ['true'],
    code: 125,
    stderr: /Minimum memory limit allowed is 6MB/,
  },
  {
    title: 'standard input reaches the command, and its end too',
    flags: ['-i'],
    command: ['wc', '-c'],
    input: 'twelve bytes',
    stdout: '12\n',
  },
  { title: 'without -i there is no input', command: ['cat'], input: 'lost', stdout: '' },
  {
    title: 'a file of the host can be mounted read-only',
    flags: ['-v', '/etc/os-release:/release:ro', '--mount', 'type=bind,src=/etc/os-release,dst=/other,readonly'],
    command: sh('cmp /release /other && ! echo x 2>/dev/null >/release && echo safe'),
    stdout: 'safe\n',
  },
  {
    title: 'environment',
    flags: ['-e', 'A=1', '-e', 'B=x y'],
    command: sh('echo "$A-$B-$HOME-$HOSTNAME" | cut -c1-10'),
    stdout: '1-x y-/roo\n',
  },
  {
    title: 'working directory, made when absent',
    flags: ['-w', '/made/for/it'],
    command: ['pwd'],
    stdout: '/made/for/it\n',
  },
  {
    title: 'user by name',
    flags: ['-u', 'user'],
    command: ['id'],
    stdout: 'uid=1000(user) gid=1000(user) groups=50(staff),1000(user)\n',
  },
  { title: 'user by numbers', flags: ['-u', '7:8'], command: ['id'], stdout: 'uid=7 gid=8 groups=8\n' },
  {
    title: 'a user that does not exist',
    flags: ['-u', 'nobodyatall'],
    command: ['id'],
    code: 125,
    stderr: /unable to find user nobodyatall: no matching entries in passwd file/,
  },
  {
    title: 'groups besides',
    flags: ['-u', 'www-data', '--group-add', 'staff'],
    command: ['id', '-G'],
    stdout: '33 50\n',
  },
  { title: 'host name', flags: ['-h', 'box', '--domainname', 'lan'], command: ['hostname', '-f'], stdout: 'box.lan\n' },
  { title: 'entry point', flags: ['--entrypoint', 'echo'], command: ['a', 'b'], stdout: 'a b\n' },
  {
    title: 'names of other hosts',
    flags: ['--add-host', 'peer:10.1.2.3'],
    command: ['grep', 'peer', '/etc/hosts'],
    stdout: '10.1.2.3\tpeer\n',
  },
  {
    title: 'name servers',
    flags: ['--dns', '192.0.2.53'],
    command: ['grep', '^nameserver', '/etc/resolv.conf'],
    stdout: 'nameserver 192.0.2.53\n',
  },
  { title: 'process 1 is the command', command: sh('echo $$'), stdout: '1\n' },
  {
    title: 'cpus are a share of the period',
    flags: ['--cpus', '0.5'],
    command: sh('cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max'),
    stdout: /^50000( 100000)?\n$/,
  },
  {
    title: 'memory',
    flags: ['-m', '64m'],
    command: sh('cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max'),
    stdout: '67108864\n',
  },
  {
    title: 'a command that takes too much memory is killed',
    flags: ['-m', '16m', '--memory-swap', '16m'],
    command: sh('head -c 64m /dev/zero | tail -n 1 | wc -c; kill -0 $$'),
    code: 0,
    stdout: /^0?\n?$/,
    stderr: /.*/,
  },
  {
    title: 'pids',
    flags: ['--pids-limit', '20'],
    command: sh('cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max'),
    stdout: '20\n',
  },
  {
    title: 'ulimits',
    flags: ['--ulimit', 'nofile=100:200'],
    command: sh('ulimit -n; ulimit -Hn'),
    stdout: '100\n200\n',
  },
  {
    title: 'shared memory',
    flags: ['--shm-size', '8m'],
    command: sh('df -k /dev/shm | tail -n 1 | awk "{print \\$2}"'),
    stdout: '8192\n',
  },
  {
    title: 'a temporary file system',
    flags: ['--tmpfs', '/scratch:size=1m'],
    command: sh('mount | grep -o "tmpfs on /scratch type tmpfs"'),
    stdout: 'tmpfs on /scratch type tmpfs\n',
  },
  {
    title: 'a read-only root',
    flags: ['--read-only'],
    command: ['touch', '/x'],
    code: 1,
    stderr: /Read-only file system/,
  },
  {
    title: 'the usual capabilities',
    command: ['grep', 'CapEff', '/proc/self/status'],
    stdout: 'CapEff:\t00000000a80425fb\n',
  },
  {
    title: 'no capabilities',
    flags: ['--cap-drop', 'ALL'],
    command: ['grep', 'CapEff', '/proc/self/status'],
    stdout: 'CapEff:\t0000000000000000\n',
  },
  { title: 'seccomp', command: ['grep', 'Seccomp:', '/proc/self/status'], stdout: 'Seccomp:\t2\n' },
  {
    title: 'kernel files are masked',
    command: sh('wc -c </proc/timer_list; ls /sys/firmware; echo x >/proc/sys/kernel/hostname'),
    code: 1,
    stdout: '0\n',
    stderr: /Read-only file system/,
  },
  { title: 'no network', flags: ['--network', 'none'], command: sh('ls /sys/class/net'), stdout: 'lo\n' },
  { title: 'labels do not disturb', flags: ['-l', 'a=b'], command: ['true'] },
]

for (const { title, flags = [], command, input, code = 0, stdout = '', stderr = '' } of CASES) {
  test(`run: ${title}`, async () => {
    const result = await daemon.docker(
      ['run', '--rm', ...flags, 'busybox', ...command],
      input === undefined ? {} : { input },
    )
    assert.equal(result.code, code, `${result.stdout}${result.stderr}`)
    check(result.stdout, stdout)
    check(result.stderr, stderr)
  })
}

function check(found: string, wanted: string | RegExp): void {
  if (typeof wanted === 'string') assert.equal(found, wanted)
  else assert.match(found, wanted)
}

test('run: an image that is not there is 125', async () => {
  const { code, stderr } = await daemon.docker(['run', '--rm', '--pull', 'never', 'lab/absent', 'true'])
  assert.equal(code, 125)
  assert.match(stderr, /No such image: lab\/absent:latest/)
})

test('run: a folder of the host is seen, written, and kept from writing with ro', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slw-bind-'))
  try {
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, 'in'), 'from the host')
    const both = ['run', '--rm', '-v', `${folder}:/data`, '-v', `${folder}:/fixed:ro`, 'busybox']
    const done = await daemon.docker([...both, 'sh', '-c', 'cat /data/in; echo out >/data/out; touch /fixed/no'])
    assert.deepEqual([done.code, done.stdout], [1, 'from the host'])
    assert.match(done.stderr, /\/fixed\/no: Read-only file system/)
    assert.equal(readFileSync(join(folder, 'out'), 'utf8'), 'out\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('run: a terminal has the size of the person’s, job control, and follows changes', async () => {
  const args = ['run', '--rm', '-it', 'busybox', 'sh']
  await using terminal = openTerminal('docker', args, { env: daemon.env, rows: 33, columns: 101 })
  await terminal.see('# ')
  terminal.type('stty size; tty\r')
  await terminal.see(/33 101\s+\/dev\/(?:pts\/0|console)/)
  terminal.type('sh -c "echo rea\'\'dy; exec sleep 1000"\r')
  await terminal.see('ready')
  terminal.type('\x03')
  await terminal.see('# ')
  terminal.resize(44, 120)
  terminal.type('until [ "$(stty size)" = "44 120" ]; do sleep 0.05; done; echo re""sized\r')
  await terminal.see('resized')
  terminal.type('exit 5\r')
  assert.equal(await terminal.exited, 5)
})

test('run: the detach keys leave the container running, attach comes back to it', async () => {
  const args = ['run', '-it', '--name', 'detached', 'busybox', 'sh']
  {
    await using terminal = openTerminal('docker', args, { env: daemon.env })
    await terminal.see('# ')
    terminal.type('x=kept\r')
    await terminal.see('# ')
    terminal.type('\x10\x11')
    await terminal.exited
  }
  assert.equal(await daemon.output(['inspect', '-f', '{{.State.Running}}', 'detached']), 'true')
  await using again = openTerminal('docker', ['attach', 'detached'], { env: daemon.env })
  again.type('echo $x again\r')
  await again.see('kept again')
  again.type('exit\r')
  assert.equal(await again.exited, 0)
  await daemon.output(['rm', 'detached'])
})

test('run --rm leaves no container, run -d gives its id', async () => {
  const id = await daemon.output(['run', '-d', '--rm', 'busybox', 'sleep', '86400'])
  assert.match(id, /^[0-9a-f]{64}$/)
  assert.equal(await daemon.output(['ps', '-q', '--no-trunc', '--filter', `id=${id}`]), id)
  const waiting = daemon.output(['wait', id])
  await daemon.output(['kill', id])
  assert.equal(await waiting, '137')
  const gone = await daemon.docker(['inspect', id])
  assert.equal(gone.code === 1 || /removing|exited/.test(gone.stdout), true)
})
