import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { containerRecord } from '../../../test/fixtures/container-request.ts'
import type { HostConfig, MountPoint, MountRequest } from '../contract.ts'
import { ensureBindSources, hasInit, runtimeMounts, wantsCopy } from './runtime-mounts.ts'

const FILES = { hosts: '/c/hosts', hostname: '/c/hostname', resolvConf: '/c/resolv.conf' }

const POINT: MountPoint = {
  type: 'bind',
  source: '/src',
  destination: '/dst',
  mode: '',
  readWrite: true,
  propagation: 'rprivate',
  anonymous: false,
}
const REQUEST: MountRequest = { type: 'bind', source: '/src', target: '/dst/', readOnly: true, consistency: '' }
const NO_BIND = {
  propagation: '',
  nonRecursive: false,
  createMountpoint: false,
  readOnlyNonRecursive: false,
  readOnlyForceRecursive: false,
}

/** The mounts of a container besides the engine's files, in short. */
function mountsOf(mounts: readonly MountPoint[], host: Partial<HostConfig> = {}): readonly string[] {
  return runtimeMounts(containerRecord({ mounts, host }), FILES)
    .filter(({ source }) => !source?.startsWith('/c/'))
    .map(({ destination, type, source, options }) => `${type} ${source} ${destination} ${options?.join(',')}`)
}

test('binds and volumes are recursive and private', () => {
  const volume: MountPoint = { ...POINT, type: 'volume', name: 'v', source: '/vol', destination: '/v', propagation: '' }
  assert.deepEqual(mountsOf([POINT, volume]), ['bind /src /dst rbind,rw,rprivate', 'bind /vol /v rbind,rw,rprivate'])
})

test('what is read-only is so with everything mounted below, unless asked otherwise', () => {
  const point = { ...POINT, readWrite: false, propagation: 'rslave' }
  assert.deepEqual(mountsOf([point]), ['bind /src /dst rbind,rro,rslave'])
  const bind = { ...NO_BIND, readOnlyNonRecursive: true }
  assert.deepEqual(mountsOf([point], { mounts: [{ ...REQUEST, bind }] }), ['bind /src /dst rbind,ro,rslave'])
  const flat = { ...NO_BIND, nonRecursive: true }
  assert.deepEqual(mountsOf([POINT], { mounts: [{ ...REQUEST, bind: flat }] }), ['bind /src /dst bind,rw,rprivate'])
})

test('tmpfs of both kinds gets the defaults of docker', () => {
  const point: MountPoint = { ...POINT, type: 'tmpfs', source: '', propagation: '' }
  const tmpfs = { sizeBytes: 4096, mode: 0, options: [['exec']] }
  const request: MountRequest = { ...REQUEST, type: 'tmpfs', source: '', readOnly: false, tmpfs }
  assert.deepEqual(mountsOf([point], { mounts: [request], tmpfs: { '/run/': 'size=1m' } }), [
    'tmpfs tmpfs /dst nosuid,nodev,rprivate,size=4096,exec',
    'tmpfs tmpfs /run noexec,nosuid,nodev,rprivate,size=1m',
  ])
})

test('outer mounts come before those inside them', () => {
  const at = (destination: string): MountPoint => ({ ...POINT, destination })
  const destinations = runtimeMounts(
    containerRecord({ mounts: [at('/a/b/c'), at('/a'), at('/etc'), at('/a/b')] }),
    FILES,
  ).map(({ destination }) => destination)
  assert.deepEqual(destinations, ['/a', '/etc', '/a/b', '/etc/resolv.conf', '/etc/hostname', '/etc/hosts', '/a/b/c'])
})

test('files of the engine stand back and follow the root in being read-only', () => {
  const mounts = runtimeMounts(
    containerRecord({ mounts: [{ ...POINT, destination: '/etc/hosts' }], host: { readonlyRootfs: true } }),
    FILES,
  )
  assert.deepEqual(
    mounts.map(({ source, options }) => `${source} ${options?.join(',')}`),
    ['/src rbind,rw,rprivate', '/c/resolv.conf rbind,ro,rprivate', '/c/hostname rbind,ro,rprivate'],
  )
})

test('an init is mounted where the process ids are the own ones', () => {
  const init = (host: Partial<HostConfig>) =>
    runtimeMounts(containerRecord({ host: { init: true, ...host } }), { ...FILES, initPath: '/opt/init' }).find(
      ({ destination }) => destination === '/sbin/docker-init',
    )
  assert.deepEqual(init({}), {
    destination: '/sbin/docker-init',
    type: 'bind',
    source: '/opt/init',
    options: ['bind', 'ro'],
  })
  assert.equal(init({ pidMode: 'host' }), undefined)
  assert.equal(init({ init: false }), undefined)
  assert.equal(hasInit(containerRecord()), false)
})

test('missing sources of -v are made, those of --mount are not', () => {
  const root = mkdtempSync(join(tmpdir(), 'bind-sources-'))
  try {
    const source = join(root, 'a/b')
    const point = { ...POINT, source }
    const mounts = [{ ...REQUEST, source }]
    assert.throws(() => ensureBindSources(containerRecord({ mounts: [point], host: { mounts } })), {
      kind: 'invalid',
      message: `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    })
    assert.ok(!existsSync(source))
    ensureBindSources(containerRecord({ mounts: [point] }))
    assert.ok(statSync(source).isDirectory())
    rmSync(join(root, 'a'), { recursive: true })
    const created = mounts.map((mount) => ({ ...mount, bind: { ...NO_BIND, createMountpoint: true } }))
    ensureBindSources(containerRecord({ mounts: [point], host: { mounts: created } }))
    assert.ok(statSync(source).isDirectory())
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('a source that cannot be made is told', () => {
  const record = containerRecord({ mounts: [{ ...POINT, source: '/proc/self/none/at/all' }] })
  assert.throws(() => ensureBindSources(record), {
    kind: 'internal',
    message: /^error while creating mount source path '\/proc\/self\/none\/at\/all': /,
  })
})

test('volumes are filled from the image unless somebody said nocopy', () => {
  const volume: MountPoint = { ...POINT, type: 'volume', name: 'v', mode: 'z' }
  const options = { noCopy: true, subpath: '', labels: {}, driver: '', driverOptions: {} }
  const request: MountRequest = { ...REQUEST, type: 'volume', source: 'v', volume: options }
  assert.equal(wantsCopy(containerRecord(), volume), true)
  assert.equal(wantsCopy(containerRecord(), { ...volume, mode: 'ro,nocopy' }), false)
  assert.equal(wantsCopy(containerRecord({ host: { mounts: [request] } }), volume), false)
  assert.equal(wantsCopy(containerRecord(), POINT), false)
})
