import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  bindMount,
  filesystemType,
  isMountPoint,
  listMounts,
  MS,
  mount,
  mountOverlay,
  type OverlayOptions,
  setPropagation,
  syncFilesystem,
  unmount,
  unmountSync,
} from '../../../src/kernel/index.ts'
import { mountOverlayClassic } from '../../../src/kernel/mounts/overlay.ts'
import { type Folder, openFds, openFolder } from './lab.ts'

/** Layers that each hold a file of their name and the file `top`, which tells the topmost. */
function makeLayers(folder: Folder, names: readonly string[]): string[] {
  return names.map((name, index) => {
    const path = folder.folder('layers', name)
    writeFileSync(join(path, `file-${index}`), String(index))
    writeFileSync(join(path, 'top'), String(index))
    return path
  })
}

function writable(folder: Folder): Required<Pick<OverlayOptions, 'upper' | 'work' | 'target'>> {
  return { upper: folder.folder('upper'), work: folder.folder('work'), target: folder.folder('merged') }
}

const WAYS = [
  { name: 'mount contexts', mountIt: mountOverlay },
  { name: 'mount(2)', mountIt: mountOverlayClassic },
] as const

for (const { name, mountIt } of WAYS) {
  test(`an overlay by ${name} shows the layers and keeps writes in the upper folder`, async () => {
    using folder = openFolder()
    const lower = makeLayers(folder, ['a', 'b', 'c'])
    const { upper, work, target } = writable(folder)
    mountIt({ lower, upper, work, target })
    assert.equal(readFileSync(join(target, 'top'), 'utf8'), '0')
    assert.deepEqual(readdirSync(target).sort(), ['file-0', 'file-1', 'file-2', 'top'])
    writeFileSync(join(target, 'top'), 'changed')
    rmSync(join(target, 'file-2'))
    assert.equal(readFileSync(join(upper, 'top'), 'utf8'), 'changed')
    assert.equal(readFileSync(join(lower[0] ?? '', 'top'), 'utf8'), '0')
    assert.equal(statSync(join(upper, 'file-2')).rdev, 0)
    assert.equal(isMountPoint(target), true)
    await unmount(target)
    assert.deepEqual([isMountPoint(target), readdirSync(target)], [false, []])
  })

  test(`an overlay by ${name} takes folders whose names hold its own separators`, async () => {
    using folder = openFolder()
    const odd = ['a:b', 'c,d', 'e\\f', 'g=h', String.raw`\:,`, 'ü 1']
    const lower = makeLayers(folder, odd)
    const [upper, work, target] = ['up:per,1\\', 'work:,1', 'merged:,\\ 1'].map((part) => folder.folder(part))
    assert.ok(upper && work && target)
    mountIt({ lower, upper, work, target })
    assert.equal(readdirSync(target).length, odd.length + 1)
    assert.equal(listMounts().find((entry) => entry.target === target)?.type, 'overlay')
    await unmount(target)
  })

  test(`an overlay by ${name} has 130 layers with long names`, async () => {
    using folder = openFolder()
    const names = Array.from({ length: 130 }, (_, index) => `${'long-name-'.repeat(8)}${index}`)
    const lower = makeLayers(folder, names)
    const { upper, work, target } = writable(folder)
    const fds = openFds()
    mountIt({ lower, upper, work, target })
    assert.equal(readdirSync(target).length, 131)
    assert.equal(readFileSync(join(target, 'top'), 'utf8'), '0')
    await unmount(target)
    assert.deepEqual(openFds(), fds)
  })

  test(`an overlay by ${name} without an upper folder cannot be written`, async () => {
    using folder = openFolder()
    const target = folder.folder('merged')
    mountIt({ lower: makeLayers(folder, ['a', 'b']), target })
    assert.throws(() => writeFileSync(join(target, 'new'), ''), { code: 'EROFS' })
    await unmount(target)
  })

  test(`a volatile overlay by ${name} says so, and its options are taken`, async () => {
    using folder = openFolder()
    const places = writable(folder)
    mountIt({ lower: makeLayers(folder, ['a']), ...places, volatile: true, options: ['redirect_dir=on'] })
    const options = listMounts().find(({ target }) => target === places.target)?.superOptions
    assert.match(options?.join() ?? '', /redirect_dir=on.*\bvolatile\b/)
    await unmount(places.target)
    assert.ok(existsSync(join(places.work, 'work/incompat/volatile')))
  })
}

test('a single layer that cannot be written is the folder itself, read-only', async () => {
  using folder = openFolder()
  const lower = makeLayers(folder, ['a'])
  const target = folder.folder('merged')
  mountOverlay({ lower, target })
  assert.equal(readFileSync(join(target, 'top'), 'utf8'), '0')
  assert.throws(() => writeFileSync(join(target, 'new'), ''), { code: 'EROFS' })
  writeFileSync(join(lower[0] ?? '', 'new'), '')
  await unmount(target)
})

test('an overlay that cannot be leaves nothing and says why', () => {
  using folder = openFolder()
  const places = writable(folder)
  const lower = makeLayers(folder, ['a'])
  const fds = openFds()
  assert.throws(() => mountOverlay({ ...places, lower: [...lower, join(folder.path, 'nowhere')] }), {
    name: 'KernelError',
    code: 'ENOENT',
    path: join(folder.path, 'nowhere'),
  })
  assert.throws(() => mountOverlay({ ...places, lower, target: join(folder.path, 'nowhere') }), { code: 'ENOENT' })
  assert.throws(() => mountOverlay({ ...places, lower, options: ['no_such_option=1'] }), {
    code: 'EINVAL',
    message: /no_such_option/,
  })
  assert.throws(() => mountOverlay({ ...places, lower, work: places.upper }), { code: 'EINVAL' })
  assert.throws(() => mountOverlay({ ...places, lower: [join(lower[0] ?? '', 'top')] }), KERNEL_ERROR)
  assert.throws(() => mountOverlay({ ...places, lower: ['/tmp\0/x'] }), { code: 'EINVAL' })
  assert.deepEqual(openFds(), fds)
  assert.equal(isMountPoint(places.target), false)
})

const KERNEL_ERROR = { name: 'KernelError' }

test('unmounting what is not mounted or not there is fine, and what is in use is not unmounted', async () => {
  using folder = openFolder()
  const target = folder.folder('target')
  await unmount(target)
  await unmount(join(folder.path, 'nowhere'))
  unmountSync(target)
  mount({ source: 'tmpfs', target, type: 'tmpfs' })
  using _inside = useFolder(target)
  await assert.rejects(unmount(target), { code: 'EBUSY', syscall: 'umount', path: target })
  assert.throws(() => unmountSync(target), { code: 'EBUSY' })
  await unmount(target, { detach: true })
  assert.equal(isMountPoint(target), false)
  await unmount(target, { detach: true })
})

/** Works in a folder, which keeps its mount busy. */
function useFolder(path: string): Disposable {
  const before = process.cwd()
  process.chdir(path)
  return { [Symbol.dispose]: () => process.chdir(before) }
}

test('a link to a mount is not the mount', async () => {
  using folder = openFolder()
  const target = folder.folder('target')
  const link = join(folder.path, 'link')
  symlinkSync(target, link)
  mount({ source: 'tmpfs', target, type: 'tmpfs' })
  await unmount(link)
  assert.deepEqual([isMountPoint(target), isMountPoint(link)], [true, false])
  await unmount(target)
})

test('several mounts end at the same time', async () => {
  using folder = openFolder()
  const targets = Array.from({ length: 20 }, (_, index) => folder.folder(`m${index}`))
  for (const target of targets) mount({ source: 'tmpfs', target, type: 'tmpfs' })
  await Promise.all(targets.map((target) => unmount(target)))
  assert.deepEqual(targets.filter(isMountPoint), [])
})

test('a bound folder or file is read-only where it is bound, and keeps the other flags of its source', async () => {
  using folder = openFolder()
  const [source, target] = [folder.folder('source'), folder.folder('target')]
  mount({ source: 'tmpfs', target: source, type: 'tmpfs', flags: MS.nosuid | MS.nodev | MS.noexec })
  mkdirSync(join(source, 'below'))
  mount({ source: 'tmpfs', target: join(source, 'below'), type: 'tmpfs' })
  bindMount({ source, target, recursive: true, readonly: true, propagation: 'rprivate' })
  writeFileSync(join(source, 'new'), '')
  for (const place of [target, join(target, 'below')]) {
    assert.throws(() => writeFileSync(join(place, 'new'), ''), { code: 'EROFS' }, place)
  }
  const entry = listMounts().find((found) => found.target === target)
  assert.deepEqual(
    ['ro', 'nosuid', 'nodev', 'noexec'].filter((option) => !entry?.options.includes(option)),
    [],
  )
  assert.deepEqual(entry?.propagation, [])
  for (const place of [join(target, 'below'), target, join(source, 'below'), source]) await unmount(place)
})

test('a bind that fails half-way is undone', () => {
  using folder = openFolder()
  const [source, target] = [folder.folder('source'), folder.folder('target')]
  assert.throws(() => bindMount({ source, target, propagation: 'nonsense' as 'private' }), { code: 'EINVAL' })
  assert.equal(isMountPoint(target), false)
  assert.throws(() => bindMount({ source: join(folder.path, 'nowhere'), target }), { code: 'ENOENT' })
})

test('propagation is set on one mount or on all below', async () => {
  using folder = openFolder()
  const target = folder.folder('target')
  const below = join(target, 'below')
  mount({ source: 'tmpfs', target, type: 'tmpfs' })
  setPropagation(target, 'private')
  mkdirSync(below)
  mount({ source: 'tmpfs', target: below, type: 'tmpfs' })
  const spread = (path: string) => listMounts().find((entry) => entry.target === path)?.propagation.length
  setPropagation(target, 'rshared')
  assert.deepEqual([spread(target), spread(below)], [1, 1])
  setPropagation(target, 'private')
  assert.deepEqual([spread(target), spread(below)], [0, 1])
  await unmount(below)
  await unmount(target)
})

test('filesystems are told by name and synced', async () => {
  using folder = openFolder()
  const target = folder.folder('target')
  mount({ source: 'tmpfs', target, type: 'tmpfs' })
  assert.equal(filesystemType(target), 'tmpfs')
  assert.match(filesystemType('/proc'), /^0x/)
  assert.throws(() => filesystemType(join(folder.path, 'nowhere')), { code: 'ENOENT' })
  await syncFilesystem(target)
  await assert.rejects(syncFilesystem(join(folder.path, 'nowhere')), { code: 'ENOENT' })
  await unmount(target)
})
