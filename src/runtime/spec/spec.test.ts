import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { specInput } from '../../../test/fixtures/spec-input.ts'
import { CAPABILITIES } from '../../kernel/index.ts'
import type { RuntimeSpec } from '../../oci/index.ts'
import { buildExecProcess } from './exec-process.ts'
import { buildSpec, type HostRights } from './spec.ts'
import type { SpecInput } from './spec-input.ts'

const ALL_RIGHTS: HostRights = { capabilities: new Set(CAPABILITIES), limits: {} }
const FEW_RIGHTS: HostRights = {
  capabilities: new Set(CAPABILITIES.filter((name) => name !== 'CAP_SYS_RESOURCE' && name !== 'CAP_BPF')),
  limits: { nofile: { soft: 1024, hard: 20_000 }, core: { soft: 0, hard: Number.POSITIVE_INFINITY } },
}

/** A root filesystem with the accounts of the busybox one. */
function rootfs(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'slw-spec-'))
  mkdirSync(join(path, 'etc'))
  writeFileSync(join(path, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n')
  writeFileSync(join(path, 'etc/group'), 'root:x:0:\nstaff:x:50:user\nuser:x:1000:\n')
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

function build(path: string, changes: Partial<SpecInput> = {}, rights = ALL_RIGHTS): RuntimeSpec {
  return buildSpec(specInput({ id: 'abcdef012345', rootfs: path, cgroup: '/slipway/x', ...changes }), rights)
}

/** Without what depends on the machine: the filter and the paths of its processors. */
function portable({ linux, root, ...spec }: RuntimeSpec): object {
  const { seccomp, maskedPaths = [], ...rest } = linux
  return {
    ...spec,
    root: { ...root, path: 'ROOTFS' },
    linux: { ...rest, maskedPaths: maskedPaths.filter((path) => !path.includes('thermal_throttle')) },
  }
}

for (const [name, changes] of Object.entries({
  plain: {},
  full: {
    user: 'user:staff',
    groupAdd: ['4'],
    env: ['A=1', 'PATH=/bin', 'A=2', 'TERM'],
    terminal: true,
    size: { rows: 40, columns: 120 },
    domainname: 'example.org',
    capAdd: ['net_admin', 'CAP_SYS_TIME'],
    capDrop: ['chown'],
    ulimits: [{ name: 'nofile', soft: 1000, hard: -1 }],
    mounts: [
      { destination: '/data', type: 'bind', source: '/srv', options: ['rbind'] },
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [] },
    ],
    namespaces: { network: '/run/netns/a', pid: undefined, ipc: undefined, uts: 'private', cgroup: 'private' },
    sysctls: { 'net.ipv4.ip_forward': '1' },
    deviceCgroupRules: ['c 42:* rmw'],
    resources: { memory: 1 << 26, memorySwap: -1, nanoCpus: 1_500_000_000, pidsLimit: 100, cpusetCpus: '0' },
    annotations: { a: 'b' },
    oomScoreAdj: -500,
  },
} satisfies Record<string, Partial<SpecInput>>)) {
  test(`the ${name} configuration is as recorded`, () => {
    using root = rootfs()
    // Mounts of the host's own folders depend on the host.
    const spec = portable(build(root.path, changes)) as RuntimeSpec
    const mounts = spec.mounts.filter(({ destination }) => destination !== '/dev/mqueue' || name === 'plain')
    const golden = readFileSync(join(import.meta.dirname, `${name}.golden.json`), 'utf8')
    assert.deepEqual(JSON.parse(JSON.stringify({ ...spec, mounts })), JSON.parse(golden))
  })
}

test('a privileged container has every right, the devices of the host and nothing hidden', () => {
  using root = rootfs()
  const { linux, process, mounts } = build(root.path, { privileged: true })
  assert.deepEqual(process.capabilities?.effective, CAPABILITIES)
  assert.equal(linux.seccomp, undefined)
  assert.deepEqual([linux.maskedPaths, linux.readonlyPaths], [[], []])
  assert.deepEqual(linux.resources?.devices, [{ allow: true, access: 'rwm' }])
  assert.ok(linux.devices?.some(({ path, major, minor }) => path === '/dev/null' && major === 1 && minor === 3))
  for (const destination of ['/sys', '/sys/fs/cgroup']) {
    assert.ok(mounts.find((mount) => mount.destination === destination)?.options?.includes('rw'))
  }
})

test('capabilities are added and dropped as Docker does', () => {
  using root = rootfs()
  const granted = (changes: Partial<SpecInput>, rights = ALL_RIGHTS): readonly string[] =>
    build(root.path, changes, rights).process.capabilities?.bounding ?? []
  assert.deepEqual(granted({ capDrop: ['all'] }), [])
  assert.deepEqual(granted({ capDrop: ['ALL'], capAdd: ['KILL', 'chown'] }), ['CAP_CHOWN', 'CAP_KILL'])
  assert.deepEqual(granted({ capAdd: ['ALL'] }), CAPABILITIES)
  assert.equal(granted({ capAdd: ['ALL'], capDrop: ['CAP_KILL'] }).includes('CAP_KILL'), false)
  assert.equal(granted({ capAdd: ['ALL'] }, FEW_RIGHTS).includes('CAP_BPF'), false)
  assert.throws(() => granted({ capAdd: ['NOSUCH'] }), /invalid CapAdd: unknown capability: "CAP_NOSUCH"/)
  assert.throws(() => granted({ capAdd: ['BPF'] }, FEW_RIGHTS), /not available in the current environment: "CAP_BPF"/)
})

test('a user other than root gets no capabilities of its own', () => {
  using root = rootfs()
  const { capabilities } = build(root.path, { user: '1000' }).process
  assert.equal(capabilities?.bounding?.length, 14)
  assert.equal(capabilities?.effective, undefined)
})

test('what the host does not allow is refused', () => {
  using root = rootfs()
  const nofile = (hard: number) => ({ ulimits: [{ name: 'nofile', soft: 1, hard }] })
  assert.ok(build(root.path, nofile(20_000), FEW_RIGHTS))
  assert.ok(build(root.path, nofile(-1), ALL_RIGHTS))
  assert.ok(build(root.path, { ulimits: [{ name: 'core', soft: -1, hard: -1 }] }, FEW_RIGHTS))
  assert.throws(() => build(root.path, nofile(20_001), FEW_RIGHTS), /cannot give more than 20000/)
  assert.throws(() => build(root.path, nofile(-1), FEW_RIGHTS), { kind: 'invalid' })
  assert.throws(() => build(root.path, { ulimits: [{ name: 'x', soft: 1, hard: 1 }] }), /invalid ulimit type: x/)
  assert.throws(() => build(root.path, { ulimits: [{ name: 'core', soft: 2, hard: 1 }] }), /less than or equal/)
  assert.throws(() => build(root.path, { oomScoreAdj: -1 }, FEW_RIGHTS), /CAP_SYS_RESOURCE/)
})

test('devices keep their place, and what is none is refused', () => {
  using root = rootfs()
  const device = (hostPath: string, containerPath = '/dev/x') => ({
    devices: [{ hostPath, containerPath, permissions: 'r' }],
  })
  const { linux } = build(root.path, device('/dev/zero'))
  assert.deepEqual(
    linux.devices?.map(({ type, path, major, minor }) => ({ type, path, major, minor })),
    [{ type: 'c', path: '/dev/x', major: 1, minor: 5 }],
  )
  assert.deepEqual(linux.resources?.devices?.at(-1), { allow: true, type: 'c', major: 1, minor: 5, access: 'r' })
  symlinkSync('/dev/zero', join(root.path, 'link'))
  assert.equal(build(root.path, device(join(root.path, 'link'))).linux.devices?.[0]?.minor, 5)
  assert.throws(
    () => build(root.path, device('/dev/nope')),
    /error gathering device information while adding custom device "\/dev\/nope": no such file or directory/,
  )
  assert.throws(() => build(root.path, device('/etc/passwd')), { kind: 'invalid' })
  assert.throws(() => build(root.path, { deviceCgroupRules: ['x'] }), /invalid device cgroup rule format: 'x'/)
})

test('a further process takes over from the container what the request leaves out', () => {
  using root = rootfs()
  const spec = build(root.path, { env: ['A=1'], user: 'user', cwd: '/tmp' })
  const request = { spec, args: ['id'], env: [], cwd: '', user: '', groupAdd: [], terminal: false, privileged: false }
  const same = buildExecProcess(request)
  assert.deepEqual([same.user, same.cwd, same.env, same.args], [spec.process.user, '/tmp', spec.process.env, ['id']])
  const other = buildExecProcess({ ...request, user: 'root', env: ['A=2'], terminal: true, cwd: '/' })
  assert.deepEqual(other.user, { uid: 0, gid: 0, additionalGids: [0] })
  assert.deepEqual(other.env.slice(2), ['A=2', 'TERM=xterm', 'HOME=/root'])
  assert.equal(other.capabilities?.effective?.length, 14)
  const given = build(root.path, { env: ['HOME=/own'] })
  const keeping = buildExecProcess({ ...request, spec: given, user: 'user' })
  assert.ok(keeping.env.includes('HOME=/own'))
})
