import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerConfig, hostConfig } from '../../../test/fixtures/container-request.ts'
import type { ImageId } from '../../images/index.ts'
import type { Container, ContainerFilter, ContainerId, ContainerState, MountPoint } from '../contract.ts'
import { selectContainers } from './filter.ts'

const exit = (code: number) => ({ code, oomKilled: false, at: 9n, error: '' })

function container(
  name: string,
  { digit, ...changes }: Partial<Container> & { readonly digit: string; readonly state: ContainerState },
): Container {
  return {
    id: digit.repeat(64) as ContainerId,
    name,
    created: BigInt(`0x${digit}`),
    imageId: 'sha256:1' as ImageId,
    config: containerConfig(),
    host: hostConfig(),
    attachments: [],
    mounts: [],
    restartCount: 0,
    path: 'true',
    args: [],
    paths: { log: '', hosts: '', hostname: '', resolvConf: '', upper: '', merged: '', work: '', lowers: [] },
    execIds: [],
    network: undefined,
    ...changes,
  }
}

const VOLUME: MountPoint = {
  type: 'volume',
  name: 'data',
  source: '/volumes/data',
  destination: '/var/lib',
  mode: '',
  readWrite: true,
  propagation: '',
  anonymous: false,
}

const ALL: readonly Container[] = [
  container('made', { digit: '1', state: { status: 'created', exit: exit(0) } }),
  container('web', {
    digit: '2',
    state: { status: 'running', pid: 1, startedAt: 1n },
    config: containerConfig({ labels: { tier: 'front', empty: '' }, exposedPorts: ['80/tcp', '9/udp'] }),
    network: {
      netns: undefined,
      endpoints: [],
      ports: [{ containerPort: 80, protocol: 'tcp', hostAddress: '', hostPort: 8080 }],
    },
  }),
  container('web-old', {
    digit: '3',
    state: { status: 'exited', startedAt: 1n, exit: exit(137) },
    config: containerConfig({ labels: { tier: 'front' }, exposedPorts: ['80/tcp'] }),
    mounts: [VOLUME, { ...VOLUME, type: 'bind', name: undefined, source: '/srv', destination: '/srv' } as MountPoint],
  }),
  container('db', { digit: '4', state: { status: 'paused', pid: 2, startedAt: 1n }, imageId: 'sha256:2' as ImageId }),
  container('loop', { digit: '5', state: { status: 'restarting', startedAt: 1n, exit: exit(137) } }),
]

function names(filters: ContainerFilter['filters'], rest: Partial<ContainerFilter> = {}): string {
  return selectContainers(
    ALL,
    { all: true, filters, ...rest },
    {
      resolveImage: (reference) => ({ busybox: 'sha256:1', child: 'sha256:2' })[reference],
      isAncestor: ({ imageId }, id) => imageId === id || (imageId === 'sha256:2' && id === 'sha256:1'),
      networksOf: ({ name }) => (name === 'db' ? [{ id: 'f00d', name: 'back' }] : [{ id: '', name: 'bridge' }]),
    },
  )
    .map(({ name }) => name)
    .join(' ')
}

test('containers that are up are listed newest first, all of them when asked', () => {
  assert.equal(names({}, { all: false }), 'loop db web')
  assert.equal(names({}), 'loop db web-old web made')
})

test('the newest n are of any state', () => {
  assert.equal(names({}, { all: false, limit: 3 }), 'loop db web-old')
  assert.equal(names({ label: ['tier'] }, { all: false, limit: 1 }), 'web-old')
  assert.equal(names({}, { all: false, limit: 0 }), 'loop db web')
  assert.equal(names({}, { all: false, limit: -1 }), 'loop db web')
})

const selections: readonly [string, ContainerFilter['filters'], string][] = [
  ['one of the states', { status: ['created', 'paused'] }, 'db made'],
  ['part of the name', { name: ['web'] }, 'web-old web'],
  ['a pattern of the name', { name: ['^/web$', '^d'] }, 'db web'],
  ['a broken pattern', { name: ['('] }, ''],
  ['a beginning of the id', { id: ['33', '44'] }, 'db web-old'],
  ['id and name', { id: ['33', '44'], name: ['web'] }, 'web-old'],
  ['an ambiguous id', { id: [''] }, ''],
  ['a label', { label: ['tier'] }, 'web-old web'],
  ['all labels', { label: ['tier=front', 'empty='] }, 'web'],
  ['another value of a label', { label: ['tier=back'] }, ''],
  ['a name of every object', { label: ['toString'] }, ''],
  ['an exit code', { exited: ['137', '1'] }, 'web-old'],
  ['an exit code of what never ran', { exited: ['0'] }, ''],
  ['a volume', { volume: ['data'] }, 'web-old'],
  ['a source or destination', { volume: ['/srv'] }, 'web-old'],
  ['a destination of a volume', { volume: ['/var/lib', 'none'] }, 'web-old'],
  ['a network', { network: ['back', 'none'] }, 'db'],
  ['a beginning of a network id', { network: ['f0'] }, 'db'],
  ['an image', { ancestor: ['child'] }, 'db'],
  ['an image and what came out of it', { ancestor: ['busybox'] }, 'loop db web-old web made'],
  ['an image that is not there', { ancestor: ['nope'] }, ''],
  ['an image beside one that is not there', { ancestor: ['nope', 'child'] }, 'db'],
  ['older ones', { before: ['db'] }, 'web-old web made'],
  ['newer ones', { since: ['22'] }, 'loop db web-old'],
  ['those between', { since: ['made'], before: ['/db'] }, 'web-old web'],
  ['a published port', { publish: ['8080'] }, 'web'],
  ['the inner side of a published port', { publish: ['80'] }, ''],
  ['an exposed port', { expose: ['80/tcp'] }, 'web'],
  ['a range of ports', { expose: ['5-10/udp'] }, 'web'],
  ['a port on either side', { publish: ['1'], expose: ['80'] }, 'web'],
  ['no health check', { health: ['none', 'healthy'] }, 'loop db web-old web made'],
  ['a health that nobody has', { health: ['healthy'] }, ''],
  ['tasks', { 'is-task': ['true'] }, ''],
  ['what is no task', { 'is-task': ['0'] }, 'loop db web-old web made'],
  ['no value at all', { label: [], status: [] }, 'loop db web-old web made'],
]

for (const [name, filters, expected] of selections) {
  test(`containers are selected by ${name}`, () => assert.equal(names(filters), expected))
}

test('a state asks for containers that are not up, too', () => {
  assert.equal(names({ status: ['exited'] }, { all: false }), 'web-old')
})

test('values that make no sense are refused in the words of docker', () => {
  const states = 'created, running, paused, restarting, removing, exited, dead'
  const cases: readonly [ContainerFilter['filters'], string, string?][] = [
    [{ status: ['up'] }, `invalid filter 'status=up': invalid value for state (up): must be one of ${states}`],
    [
      { health: ['ill'] },
      `invalid filter 'health=ill': invalid value for health (ill): must be one of none, starting, healthy, unhealthy`,
    ],
    [{ exited: ['x'] }, `invalid filter 'exited=x': strconv.Atoi: parsing "x": invalid syntax`],
    [{ 'is-task': ['x'] }, `invalid filter 'is-task=[x]'`],
    [{ 'is-task': ['0', '1'] }, `invalid filter 'is-task=[0 1]'`],
    [{ publish: ['1:2'] }, `filter for 'publish' should not contain ':': 1:2`],
    [{ expose: ['a'] }, `error while looking up for expose a: strconv.ParseUint: parsing "a": invalid syntax`],
    [
      { expose: ['70000'] },
      `error while looking up for expose 70000: strconv.ParseUint: parsing "70000": value out of range`,
    ],
    [{ publish: ['2-1'] }, 'error while looking up for publish 2-1: invalid range specified for port: 2-1'],
    [{ publish: [''] }, 'error while looking up for publish : empty string specified for ports'],
    [{ before: ['nobody'] }, 'No such container: nobody', 'not-found'],
    [{ since: [''] }, 'No such container: ', 'not-found'],
  ]
  for (const [filters, message, kind = 'invalid'] of cases) {
    assert.throws(() => names(filters), { kind, message })
  }
})
