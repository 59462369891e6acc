import assert from 'node:assert/strict'
import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  closeFd,
  getXattr,
  listXattrs,
  makeNode,
  mount,
  openBeneath,
  setTimes,
  setTimesFd,
  setXattr,
  splitDevice,
  tryLockFile,
  unmount,
} from '../../../src/kernel/index.ts'
import { mustRun, runCommand } from '../../fixtures/command.ts'
import { type Folder, openFds, openFolder } from './lab.ts'

function makeFile(folder: Folder, name = 'file', content = ''): string {
  const path = join(folder.path, name)
  writeFileSync(path, content)
  return path
}

test('extended attributes hold any bytes, none too, and are told from absent ones', () => {
  using folder = openFolder()
  const path = makeFile(folder)
  const values = [Buffer.alloc(0), Buffer.of(0, 10, 255, 0), Buffer.alloc(4000, 0xab), Buffer.from('text')]
  for (const [index, value] of values.entries()) setXattr(path, `user.${index}`, value)
  for (const [index, value] of values.entries()) assert.deepEqual(getXattr(path, `user.${index}`), value)
  assert.deepEqual(listXattrs(path).toSorted(), ['user.0', 'user.1', 'user.2', 'user.3'])
  setXattr(path, 'user.0', Buffer.from('new'))
  assert.equal(getXattr(path, 'user.0')?.toString(), 'new')
  assert.equal(getXattr(path, 'user.absent'), undefined)
})

test('attributes are of the link itself and of trusted names', () => {
  using folder = openFolder()
  const path = makeFile(folder)
  const link = join(folder.path, 'link')
  symlinkSync(path, link)
  setXattr(link, 'trusted.link', Buffer.of(1))
  setXattr(path, 'trusted.overlay.opaque', Buffer.from('y'))
  assert.deepEqual([listXattrs(link), listXattrs(path)], [['trusted.link'], ['trusted.overlay.opaque']])
})

test('a value read earlier stays what it was when another is read', () => {
  using folder = openFolder()
  const path = makeFile(folder)
  setXattr(path, 'user.a', Buffer.from('first'))
  setXattr(path, 'user.b', Buffer.from('other'))
  const first = getXattr(path, 'user.a')
  getXattr(path, 'user.b')
  assert.equal(first?.toString(), 'first')
})

test('where there are no attributes there are none, and a missing file is missing', () => {
  using folder = openFolder()
  assert.equal(getXattr('/proc/self/status', 'user.a'), undefined)
  assert.deepEqual(listXattrs('/proc/self/status'), [])
  const nowhere = join(folder.path, 'nowhere')
  assert.throws(() => getXattr(nowhere, 'user.a'), { code: 'ENOENT', path: nowhere })
  assert.throws(() => listXattrs(nowhere), { code: 'ENOENT' })
  assert.throws(() => setXattr(nowhere, 'user.a', Buffer.alloc(0)), { code: 'ENOENT' })
  assert.throws(() => setXattr(makeFile(folder), 'user.a', Buffer.alloc(70_000)), { code: 'E2BIG' })
  assert.throws(() => setXattr(makeFile(folder), 'user.a\0b', Buffer.alloc(0)), { code: 'EINVAL' })
})

test('device nodes and fifos are what was asked for', () => {
  using folder = openFolder()
  const nodes = [
    { name: 'null', mode: constants.S_IFCHR | 0o600, major: 1, minor: 3 },
    { name: 'disk', mode: constants.S_IFBLK | 0o640, major: 259, minor: 70_000 },
    { name: 'whiteout', mode: constants.S_IFCHR, major: 0, minor: 0 },
  ]
  for (const { name, ...node } of nodes) {
    const path = join(folder.path, name)
    makeNode(path, node)
    const { mode, rdev } = lstatSync(path)
    assert.deepEqual(
      { ...splitDevice(rdev), type: mode & constants.S_IFMT },
      {
        major: node.major,
        minor: node.minor,
        type: node.mode & constants.S_IFMT,
      },
    )
  }
  makeNode(join(folder.path, 'fifo'), { mode: constants.S_IFIFO | 0o644 })
  assert.ok(lstatSync(join(folder.path, 'fifo')).isFIFO())
  assert.throws(() => makeNode(join(folder.path, 'fifo'), { mode: constants.S_IFIFO }), { code: 'EEXIST' })
})

test('times are kept to the nanosecond, before the epoch too, and are the link’s own', async () => {
  using folder = openFolder()
  // ext4 ends where 34 bits of seconds end; tmpfs takes all.
  mount({ source: 'tmpfs', target: folder.path, type: 'tmpfs' })
  const path = makeFile(folder)
  const link = join(folder.path, 'link')
  symlinkSync(path, link)
  const mtime = 1_500_000_000_123_456_789n
  setTimes(path, { mtime, atime: 1n })
  setTimes(link, { mtime: -1n })
  const times = (name: string) => {
    const { mtimeNs, atimeNs } = lstatSync(name, { bigint: true })
    return [mtimeNs, atimeNs]
  }
  assert.deepEqual(times(path), [mtime, 1n])
  assert.deepEqual(times(link), [-1n, -1n])
  const fd = openSync(path, 'r')
  setTimesFd(fd, { mtime: 5n })
  closeSync(fd)
  assert.deepEqual(times(path), [5n, 5n])
  assert.throws(() => setTimes(join(folder.path, 'nowhere'), { mtime }), { code: 'ENOENT' })
  await unmount(folder.path)
})

const READ = constants.O_RDONLY

/** A root with a file in it and many ways that seem to lead out. */
function makeMaze(folder: Folder): string {
  const root = folder.folder('root')
  mkdirSync(join(root, 'etc'))
  writeFileSync(join(root, 'etc/passwd'), 'inside')
  writeFileSync(join(folder.path, 'secret'), 'outside')
  symlinkSync('/etc/passwd', join(root, 'absolute'))
  symlinkSync('../secret', join(root, 'up'))
  symlinkSync('../../../../../../etc/passwd', join(root, 'etc/far-up'))
  symlinkSync('etc', join(root, 'within'))
  symlinkSync('loop', join(root, 'loop'))
  return root
}

const WAYS = [
  { path: 'etc/passwd', 'in-root': 'inside', beneath: 'inside', 'no-symlinks': 'inside' },
  { path: 'etc/../etc/passwd', 'in-root': 'inside', beneath: 'inside', 'no-symlinks': 'inside' },
  { path: 'within/passwd', 'in-root': 'inside', beneath: 'inside', 'no-symlinks': 'ELOOP' },
  { path: '/etc/passwd', 'in-root': 'inside', beneath: 'EXDEV', 'no-symlinks': 'EXDEV' },
  { path: '../../../etc/passwd', 'in-root': 'inside', beneath: 'EXDEV', 'no-symlinks': 'EXDEV' },
  { path: '../secret', 'in-root': 'ENOENT', beneath: 'EXDEV', 'no-symlinks': 'EXDEV' },
  { path: 'absolute', 'in-root': 'inside', beneath: 'EXDEV', 'no-symlinks': 'ELOOP' },
  { path: 'up', 'in-root': 'ENOENT', beneath: 'EXDEV', 'no-symlinks': 'ELOOP' },
  { path: 'etc/far-up', 'in-root': 'inside', beneath: 'EXDEV', 'no-symlinks': 'ELOOP' },
  { path: 'loop', 'in-root': 'ELOOP', beneath: 'ELOOP', 'no-symlinks': 'ELOOP' },
  { path: 'etc/passwd\0/x', 'in-root': 'EINVAL', beneath: 'EINVAL', 'no-symlinks': 'EINVAL' },
] as const

for (const resolve of ['in-root', 'beneath', 'no-symlinks'] as const) {
  test(`no path opened ${resolve} leads out`, () => {
    using folder = openFolder()
    const root = makeMaze(folder)
    const rootFd = openSync(root, constants.O_DIRECTORY)
    const fds = openFds()
    for (const { path, ...results } of WAYS) {
      for (const start of [root, rootFd]) assert.equal(outcome(start, path), results[resolve], path)
    }
    assert.deepEqual(openFds(), fds)
    closeSync(rootFd)
  })

  test(`magic links are refused ${resolve}`, () => {
    const path = `self/fd/${openSync('/etc/passwd', 'r')}`
    assert.throws(() => openBeneath('/proc', path, { flags: READ, resolve }), { code: 'ELOOP' })
    assert.throws(() => openBeneath('/proc', 'self/root/etc/passwd', { flags: READ, resolve }), { code: 'ELOOP' })
    closeSync(Number(path.slice('self/fd/'.length)))
  })

  function outcome(start: string | number, path: string): string {
    try {
      const fd = openBeneath(start, path, { flags: READ, resolve })
      const text = readFileSync(fd, 'utf8')
      closeFd(fd)
      return text
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error)
    }
  }
}

test('a file is made beneath, with its mode, and not inherited', () => {
  using folder = openFolder()
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY
  const fd = openBeneath(folder.path, 'new', { flags, mode: 0o600, resolve: 'beneath' })
  assert.match(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'), /^flags:\s+0?2\d{6}$/m)
  closeFd(fd)
  assert.equal(statSync(join(folder.path, 'new')).mode & 0o777, 0o600)
  assert.throws(() => openBeneath(folder.path, 'new', { flags, resolve: 'beneath' }), { code: 'EEXIST' })
})

test('while somebody keeps moving folders about, nothing outside is ever opened', async () => {
  using folder = openFolder()
  const root = makeMaze(folder)
  mkdirSync(join(root, 'a/b/c'), { recursive: true })
  const move = 'while :; do mv "$0/a/b" "$0/moved"; mv "$0/moved" "$0/a/b"; done'
  const mover = mustRun('timeout', ['1', 'sh', '-c', `${move} 2>/dev/null`, root]).catch(() => {})
  const seen = new Set<string>()
  const end = performance.now() + 800
  while (performance.now() < end) {
    for (const path of ['a/b/c/../../../etc/passwd', 'a/b/../../../secret', 'moved/../../secret']) {
      try {
        const fd = openBeneath(root, path, { flags: READ, resolve: 'beneath' })
        seen.add(readFileSync(fd, 'utf8'))
        closeFd(fd)
      } catch (error) {
        seen.add((error as NodeJS.ErrnoException).code ?? String(error))
      }
    }
  }
  await mover
  assert.equal(seen.has('outside'), false)
  assert.equal(seen.has('inside'), true)
})

test('one process has the lock of a file, until it lets the file go', async () => {
  using folder = openFolder()
  const path = makeFile(folder)
  const [fd, other] = [openSync(path, 'r'), openSync(path, 'r')]
  assert.deepEqual([tryLockFile(fd), tryLockFile(fd), tryLockFile(other)], [true, true, false])
  const elsewhere = async () => (await runCommand('flock', ['--nonblock', path, 'true'])).code
  assert.equal(await elsewhere(), 1)
  closeSync(fd)
  assert.equal(tryLockFile(other), true)
  closeSync(other)
  assert.equal(await elsewhere(), 0)
  assert.throws(() => tryLockFile(9999), { code: 'EBADF' })
})

test('a lock is of the file and not of its name', () => {
  using folder = openFolder()
  const path = makeFile(folder)
  linkSync(path, join(folder.path, 'same'))
  const [fd, other] = [openSync(path, 'r'), openSync(join(folder.path, 'same'), 'r')]
  assert.deepEqual([tryLockFile(fd), tryLockFile(other)], [true, false])
  closeSync(fd)
  closeSync(other)
})
