import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CONTAINER_ID, containerConfig, containerRecord, hostConfig } from '../../../test/fixtures/container-request.ts'
import { createClock, createSilentLog, openDatabase } from '../../base/index.ts'
import type { Image, ImageId } from '../../images/index.ts'
import { CAPABILITIES } from '../../kernel/index.ts'
import { type ChainId, type Digest, type ExecutionConfig, parseDigest } from '../../oci/index.ts'
import { createVolumes } from '../../volumes/index.ts'
import type { ContainerConfig, CreateRequest, HostConfig } from '../contract.ts'
import type { ContainerDefaults } from '../options.ts'
import { type PreparedContainer, prepareContainer } from './prepare.ts'

const DIGEST: Digest = parseDigest(`sha256:${'1'.repeat(64)}`)
const root = mkdtempSync(join(tmpdir(), 'prepare-'))
const db = openDatabase(':memory:')
const volumes = createVolumes({
  db,
  root,
  clock: createClock(),
  log: createSilentLog(),
  users: { usersOf: () => [] },
  emit: () => {},
})
after(() => {
  db.close()
  rmSync(root, { recursive: true })
})

const DEFAULTS: ContainerDefaults = {
  stopTimeout: 10,
  shmSize: 64 << 20,
  ulimits: [{ name: 'nofile', soft: 1024, hard: 1024 }],
  runtime: 'crun',
  ipcMode: 'private',
  cgroupnsMode: 'private',
  init: false,
  initPath: '',
  dns: [],
  dnsOptions: [],
  dnsSearch: [],
}

interface Wish {
  readonly config?: Partial<ContainerConfig>
  readonly host?: Partial<HostConfig>
  readonly attachments?: CreateRequest['attachments']
  readonly image?: ExecutionConfig
  readonly cgroupVersion?: '1' | '2'
}

function prepare({ config, host, attachments = [], image = {}, cgroupVersion = '1' }: Wish = {}): PreparedContainer {
  return prepareContainer(
    { name: undefined, config: containerConfig(config), host: hostConfig(host), attachments },
    {
      image: imageOf(image),
      id: CONTAINER_ID,
      defaults: DEFAULTS,
      runtimes: new Set(['crun']),
      volumes,
      capabilities: new Set<string>(CAPABILITIES),
      findContainer: () => containerRecord({ host: { ipcMode: 'shareable' } }),
      support: {
        cgroupVersion,
        cpus: 2,
        memory: true,
        swap: true,
        swappiness: true,
        oomKillDisable: cgroupVersion === '1',
        cpuCfs: true,
        cpuset: true,
        pids: true,
        blkioWeight: false,
        availableCpus: '0-1',
        availableMems: '0',
      },
    },
  )
}

function imageOf(config: ExecutionConfig): Image {
  return {
    id: DIGEST as ImageId,
    config: { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [] } },
    chainId: undefined as ChainId | undefined,
    manifest: { digest: DIGEST, size: 1, mediaType: '' },
    tags: [],
    repoDigests: [],
    size: 0,
    created: 0n,
    lastTagged: undefined,
    parent: undefined,
  }
}

test('a plain request is completed with the defaults', () => {
  const { config, host, path, args, warnings, mounts, attachments, createdVolumes } = prepare({
    host: { networkMode: 'default' },
    image: { Entrypoint: ['/init', '-x'], Env: ['PATH=/bin'] },
  })
  assert.deepEqual([path, args], ['/init', ['-x', 'true']])
  assert.equal(config.hostname, CONTAINER_ID.slice(0, 12))
  assert.deepEqual(config.env, ['PATH=/bin'])
  const { shmSize, networkMode, ipcMode, cgroupnsMode, runtime, init, ulimits, resources, securityOpt } = host
  assert.deepEqual(
    { shmSize, networkMode, ipcMode, cgroupnsMode, runtime, init, ulimits, resources, securityOpt },
    {
      shmSize: 64 << 20,
      networkMode: 'bridge',
      ipcMode: 'private',
      cgroupnsMode: 'private',
      runtime: 'crun',
      init: undefined,
      ulimits: DEFAULTS.ulimits,
      resources: { oomKillDisable: false },
      securityOpt: [],
    },
  )
  assert.ok(host.maskedPaths?.includes('/proc/kcore') && host.readonlyPaths?.includes('/proc/sys'))
  assert.deepEqual(attachments, [{ network: 'bridge', aliases: [], links: [], driverOptions: {} }])
  assert.deepEqual([warnings, mounts, createdVolumes], [[], [], []])
})

test('what is asked for wins over the defaults', () => {
  const asked: Partial<HostConfig> = {
    shmSize: 1 << 20,
    ipcMode: 'shareable',
    cgroupnsMode: 'private',
    init: false,
    maskedPaths: [],
    readonlyPaths: [],
    ulimits: [{ name: 'nofile', soft: 64, hard: 64 }],
  }
  const { host } = prepare({ host: { ...asked, privileged: true } })
  assert.deepEqual(Object.fromEntries(Object.keys(asked).map((name) => [name, host[name as keyof HostConfig]])), asked)
})

test('a privileged container sees everything, in the cgroup namespace of the host where that is cgroup v1', () => {
  const { host } = prepare({ host: { privileged: true } })
  assert.deepEqual(
    [host.cgroupnsMode, host.securityOpt, host.maskedPaths, host.readonlyPaths],
    ['host', ['label=disable'], undefined, undefined],
  )
  assert.equal(prepare({ host: { privileged: true }, cgroupVersion: '2' }).host.cgroupnsMode, 'private')
  const labelled = prepare({ host: { pidMode: 'host', securityOpt: ['label=type:x'] } })
  assert.deepEqual(labelled.host.securityOpt, ['label=type:x'])
})

test('the name is that of the host where that is shared', () => {
  assert.equal(prepare({ host: { networkMode: 'host' } }).config.hostname, hostname())
  assert.equal(prepare({ host: { utsMode: 'host' } }).config.hostname, hostname())
  assert.equal(prepare({ host: { networkMode: 'host' }, config: { hostname: 'web' } }).config.hostname, 'web')
})

test('without a word about endpoints the container is on the network of its mode', () => {
  const endpoint = { network: 'other', aliases: ['a'], links: [], driverOptions: {} }
  assert.deepEqual(prepare({ attachments: [endpoint] }).attachments, [endpoint])
  const [own] = prepare({ host: { networkMode: 'mine' }, config: { macAddress: '02:42:ac:11:00:02' } }).attachments
  assert.deepEqual([own?.network, own?.macAddress], ['mine', '02:42:ac:11:00:02'])
  for (const networkMode of ['host', 'none', 'container:web']) {
    assert.deepEqual(prepare({ host: { networkMode }, attachments: [endpoint] }).attachments, [])
  }
})

test('namespaces of other containers are named by id', () => {
  const { host } = prepare({ host: { pidMode: 'container:web', ipcMode: 'container:web' } })
  assert.deepEqual([host.pidMode, host.ipcMode], [`container:${CONTAINER_ID}`, `container:${CONTAINER_ID}`])
})

test('warnings of limits and of the host come together', () => {
  const { warnings, host } = prepare({
    host: { networkMode: 'host', portBindings: { '80/tcp': [] }, resources: { blkioWeight: 100 } },
  })
  assert.match(warnings.join('\n'), /^Your kernel does not support Block I\/O weight.*\nPublished ports are discarded/)
  assert.equal(host.resources.blkioWeight, undefined)
})

test('a text with NUL in it is refused wherever it stands', () => {
  const wishes: readonly Wish[] = [
    { config: { cmd: ['a\0b'] } },
    { config: { env: ['A=\0'] } },
    { config: { labels: { 'a\0': '' } } },
    { host: { binds: ['/a:/b\0'] } },
    { host: { devices: [{ pathOnHost: '/dev/\0', pathInContainer: '', cgroupPermissions: '' }] } },
  ]
  for (const wish of wishes) assert.throws(() => prepare(wish), { kind: 'invalid', message: /contains a NUL byte$/ })
})

test('nothing is made for a request that is refused', () => {
  assert.throws(() => prepare({ host: { binds: ['data:/a'], pidMode: 'bogus' } }), { kind: 'invalid' })
  assert.throws(() => prepare({ host: { binds: ['data:/a', 'x:y'] } }), { kind: 'invalid' })
  assert.deepEqual(volumes.list(), [])
})
