import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTAINER_ID, containerRecord } from '../../../test/fixtures/container-request.ts'
import type { HostConfig } from '../contract.ts'
import { type SpecPlace, specInputOf } from './spec-input.ts'

const PLACE: SpecPlace = {
  rootfs: '/merged',
  netns: '/run/netns/x',
  namespaces: { pid: 'private', ipc: 'private', uts: 'private', cgroup: undefined },
  mounts: [],
  cgroup: '/slipway/x',
}

const inputOf = (host: Partial<HostConfig> = {}) => specInputOf(containerRecord({ host, args: ['-v'] }), PLACE)

test('a plain container gets what was recorded and where it runs', () => {
  const input = specInputOf(
    containerRecord({
      path: '/bin/app',
      args: ['-v'],
      config: { env: ['A=1'], user: 'app', hostname: 'web', domainname: 'x.y', tty: true },
      host: { shmSize: 5, resources: { memory: 6 }, annotations: { a: 'b' }, readonlyRootfs: true },
    }),
    { ...PLACE, size: { rows: 2, columns: 3 } },
  )
  const { sysctls, ...rest } = input
  assert.deepEqual(rest, {
    id: CONTAINER_ID,
    rootfs: '/merged',
    readonlyRootfs: true,
    args: ['/bin/app', '-v'],
    env: ['A=1'],
    cwd: '/',
    user: 'app',
    groupAdd: [],
    hostname: 'web',
    domainname: 'x.y',
    terminal: true,
    size: { rows: 2, columns: 3 },
    cgroup: '/slipway/x',
    namespaces: { network: '/run/netns/x', pid: 'private', ipc: 'private', uts: 'private', cgroup: undefined },
    mounts: [],
    shmSize: 5,
    privileged: false,
    capAdd: [],
    capDrop: [],
    noNewPrivileges: false,
    seccomp: 'default',
    apparmor: undefined,
    maskedPaths: undefined,
    readonlyPaths: undefined,
    ulimits: [],
    oomScoreAdj: 0,
    devices: [],
    deviceCgroupRules: [],
    resources: { memory: 6 },
    annotations: { a: 'b' },
  })
  assert.equal(sysctls['net.ipv4.ip_unprivileged_port_start'], '0')
})

test('settings of the network are given to networks of the own only, and one that is asked for wins', () => {
  const asked = { 'net.ipv4.ip_unprivileged_port_start': '1024' }
  assert.equal(inputOf({ sysctls: asked }).sysctls['net.ipv4.ip_unprivileged_port_start'], '1024')
  assert.deepEqual(inputOf({ networkMode: 'host' }).sysctls, {})
  assert.deepEqual(inputOf({ networkMode: 'container:x' }).sysctls, {})
})

test('an init runs the command', () => {
  assert.deepEqual(inputOf({ init: true }).args, ['/sbin/docker-init', '--', 'true', '-v'])
  assert.deepEqual(inputOf({ init: true, pidMode: 'host' }).args, ['true', '-v'])
})

test('security options decide about paths of the system, too', () => {
  const paths = { maskedPaths: ['/m'], readonlyPaths: ['/r'] }
  const closed = inputOf(paths)
  assert.deepEqual([closed.maskedPaths, closed.readonlyPaths], [['/m'], ['/r']])
  const open = inputOf({ ...paths, securityOpt: ['systempaths=unconfined', 'no-new-privileges', 'apparmor=x'] })
  assert.deepEqual([open.maskedPaths, open.readonlyPaths], [[], []])
  assert.deepEqual([open.noNewPrivileges, open.apparmor], [true, 'x'])
})

test('a device appears under its own name with all permissions unless asked otherwise', () => {
  const device = (pathInContainer: string, cgroupPermissions: string) =>
    inputOf({ devices: [{ pathOnHost: '/dev/fuse', pathInContainer, cgroupPermissions }] }).devices[0]
  assert.deepEqual(device('', ''), { hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rwm' })
  assert.deepEqual(device('/dev/x', 'r'), { hostPath: '/dev/fuse', containerPath: '/dev/x', permissions: 'r' })
})
