import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { containerConfig, containerRecord, hostConfig } from '../../../test/fixtures/container-request.ts'
import { createClock, createSilentLog, failure, openDatabase } from '../../base/index.ts'
import { createVolumes, type Volumes } from '../../volumes/index.ts'
import type { ContainerConfig, HostConfig, MountRequest } from '../contract.ts'
import type { ContainerRecord } from '../record.ts'
import { resolveMountPoints } from './mount-points.ts'

interface Lab extends Disposable {
  readonly root: string
  readonly volumes: Volumes
  /** What a container gets that asks for this. */
  resolve(host: Partial<HostConfig>, config?: Partial<ContainerConfig>): ReturnType<typeof resolveMountPoints>
}

function openLab(others: readonly ContainerRecord[] = []): Lab {
  const root = mkdtempSync(join(tmpdir(), 'mount-points-'))
  const db = openDatabase(':memory:')
  const volumes = createVolumes({
    db,
    root,
    clock: createClock(),
    log: createSilentLog(),
    users: { usersOf: () => [] },
    emit: () => {},
  })
  const findContainer = (name: string): ContainerRecord => {
    const found = others.find((other) => other.name === name)
    if (!found) throw failure('not-found', `No such container: ${name}`)
    return found
  }
  return {
    root,
    volumes,
    resolve: (host, config) =>
      resolveMountPoints({ config: containerConfig(config), host: hostConfig(host) }, { volumes, findContainer }),
    [Symbol.dispose]() {
      db.close()
      rmSync(root, { recursive: true })
    },
  }
}

const MOUNT: MountRequest = { type: 'tmpfs', source: '', target: '/t', readOnly: false, consistency: '' }

test('a folder of the host is mounted as asked, there or not', () => {
  using lab = openLab()
  assert.deepEqual(lab.resolve({ binds: ['/nowhere/at/all:/b:ro'] }), {
    mounts: [
      {
        type: 'bind',
        source: '/nowhere/at/all',
        destination: '/b',
        mode: 'ro',
        readWrite: false,
        propagation: 'rprivate',
        anonymous: false,
      },
    ],
    createdVolumes: [],
  })
})

test('a named volume is made once', () => {
  using lab = openLab()
  const first = lab.resolve({ binds: ['data:/b'] })
  const [point] = first.mounts
  assert.deepEqual(first.createdVolumes, ['data'])
  assert.deepEqual(point, {
    type: 'volume',
    name: 'data',
    source: lab.volumes.get('data').mountpoint,
    destination: '/b',
    driver: 'local',
    mode: 'z',
    readWrite: true,
    propagation: '',
    anonymous: false,
  })
  const second = lab.resolve({ mounts: [{ ...MOUNT, type: 'volume', source: 'data' }] })
  assert.deepEqual(second.createdVolumes, [])
  assert.equal(second.mounts[0]?.name, 'data')
})

test('labels and options reach the volume that --mount makes', () => {
  using lab = openLab()
  const volume = { noCopy: false, subpath: '', labels: { a: '1' }, driver: 'local', driverOptions: {} }
  lab.resolve({ mounts: [{ ...MOUNT, type: 'volume', source: 'data', volume }] })
  assert.equal(lab.volumes.get('data').labels.a, '1')
})

test('mount points of the image get anonymous volumes where nothing else is', () => {
  using lab = openLab()
  const { mounts, createdVolumes } = lab.resolve(
    { binds: ['data:/data'], tmpfs: { '/scratch/': '' }, mounts: [{ ...MOUNT, target: '/t' }] },
    { volumes: ['/data/', '/scratch', '/t', '/cache', 'relative'] },
  )
  assert.deepEqual(
    mounts.map(({ type, destination, anonymous, mode }) => [type, destination, anonymous, mode]),
    [
      ['volume', '/data', false, 'z'],
      ['tmpfs', '/t', false, ''],
      ['volume', '/cache', true, ''],
      ['volume', '/relative', true, ''],
    ],
  )
  assert.equal(createdVolumes.length, 3)
  assert.ok(lab.volumes.list().filter(({ anonymous }) => anonymous).length === 2)
})

test('mounts of another container are taken over unless something of their own is there', () => {
  using lab = openLab([
    containerRecord({
      name: 'donor',
      mounts: ['/a', '/b'].map((destination) => ({
        type: 'volume',
        name: `of${destination.slice(1)}`,
        source: '/x',
        destination,
        driver: 'local',
        mode: 'z',
        readWrite: true,
        propagation: '',
        anonymous: true,
      })),
    }),
  ])
  const { mounts, createdVolumes } = lab.resolve({ volumesFrom: ['donor:ro'], binds: ['own:/b'] }, { volumes: ['/a'] })
  assert.deepEqual(
    mounts.map(({ name, destination, readWrite, mode }) => [name, destination, readWrite, mode]),
    [
      ['ofa', '/a', false, ''],
      ['own', '/b', true, 'z'],
    ],
  )
  assert.deepEqual(createdVolumes, ['own'])
})

test('two things cannot be mounted in one place', () => {
  using lab = openLab()
  const cases: readonly Partial<HostConfig>[] = [
    { binds: ['data:/t', '/:/t/'] },
    { binds: ['data:/t'], mounts: [MOUNT] },
    { binds: ['data:/t'], tmpfs: { '/t': '' } },
    { mounts: [MOUNT, { ...MOUNT, target: '/t/' }] },
    { mounts: [MOUNT], tmpfs: { '/t': '' } },
  ]
  for (const host of cases) {
    assert.throws(() => lab.resolve(host), { kind: 'invalid', message: 'Duplicate mount point: /t' })
  }
  assert.deepEqual(lab.volumes.list(), [])
})

test('a container that is missing is an invalid request, for clients take not-found for a missing image', () => {
  using lab = openLab()
  assert.throws(() => lab.resolve({ volumesFrom: ['nobody'] }), {
    kind: 'invalid',
    message: 'No such container: nobody',
  })
})

test('volumes made before a failure are removed again', async () => {
  using lab = openLab()
  assert.throws(() => lab.resolve({ binds: ['data:/a', 'bad name:/b'] }), {
    kind: 'invalid',
    message: /^create bad name:/,
  })
  await lab.volumes.remove('data', { force: true })
  assert.deepEqual(lab.volumes.list(), [])
  assert.ok(!existsSync(join(lab.root, 'data')))
})

test('volumes of other drivers are refused', () => {
  using lab = openLab()
  for (const host of [{ volumeDriver: 'nfs', binds: ['data:/a'] }]) {
    assert.throws(() => lab.resolve(host), {
      kind: 'invalid',
      message: 'error looking up volume plugin nfs: plugin "nfs" not found',
    })
  }
  assert.throws(() => lab.resolve({}, { volumes: ['/'] }), { kind: 'invalid' })
})
