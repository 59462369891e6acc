import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostConfig } from '../../../test/fixtures/container-request.ts'
import { CAPABILITIES } from '../../kernel/index.ts'
import type { HostConfig } from '../contract.ts'
import { verifyHost } from './verify-host.ts'

const rights = { capabilities: new Set<string>(CAPABILITIES), runtimes: new Set(['crun']) }
const poor = { ...rights, capabilities: new Set(CAPABILITIES.filter((name) => name !== 'CAP_SYS_RESOURCE')) }

const refused: readonly [Partial<HostConfig>, string | RegExp][] = [
  [
    { autoRemove: true, restartPolicy: { name: 'always', maximumRetryCount: 0 } },
    `can't create 'AutoRemove' container with restart policy`,
  ],
  [{ extraHosts: ['a'] }, 'bad format for add-host: "a"'],
  [{ extraHosts: [':1.1.1.1'] }, 'bad format for add-host: ":1.1.1.1"'],
  [{ extraHosts: ['a\nb:1.1.1.1'] }, 'bad format for add-host: "a\\nb:1.1.1.1"'],
  [{ extraHosts: ['a:1.1.1'] }, 'invalid IP address in add-host: "1.1.1"'],
  [{ dns: ['one'] }, 'invalid IP address in dns: "one"'],
  [{ dnsSearch: ['a\nnameserver 1.1.1.1'] }, /^invalid dns search domain or option/],
  [{ capAdd: ['FLY'] }, 'invalid CapAdd: unknown capability: "CAP_FLY"'],
  [{ capDrop: ['cap_fly'] }, 'invalid CapDrop: unknown capability: "CAP_FLY"'],
  [{ shmSize: -1 }, 'SHM size can not be less than 0'],
  [{ oomScoreAdj: 1001 }, 'Invalid value 1001, range for oom score adj is [-1000, 1000]'],
  [{ runtime: 'gvisor' }, 'unknown or invalid runtime name: gvisor'],
  [{ tmpfs: { t: '' } }, `invalid mount path: 't' mount path must be absolute`],
  [{ tmpfs: { '/': '' } }, `invalid specification: destination can't be '/'`],
  [{ tmpfs: { '/t': 'x' } }, 'invalid tmpfs option ["x"]'],
  [{ ulimits: [{ name: 'fish', soft: 1, hard: 1 }] }, 'invalid ulimit type: fish'],
  [
    { ulimits: [{ name: 'nofile', soft: 2, hard: 1 }] },
    'ulimit soft limit must be less than or equal to hard limit: 2 > 1',
  ],
  [{ sysctls: { 'kernel.panic': '1' } }, 'sysctl "kernel.panic" is not in a separate kernel namespace'],
  [{ sysctls: { 'kernel.sem': '1' }, ipcMode: 'host' }, 'sysctl "kernel.sem" is not in a separate kernel namespace'],
  [
    { sysctls: { 'net.core.somaxconn': '1' }, networkMode: 'host' },
    'sysctl "net.core.somaxconn" not allowed in host network namespace',
  ],
  [{ securityOpt: ['bogus'] }, 'invalid --security-opt 1: "bogus"'],
  [{ logConfig: { type: 'json-file', config: { color: '1' } } }, `unknown log opt 'color' for json-file log driver`],
  [{ storageOpt: { size: '1g' } }, `--storage-opt is supported only for overlay over xfs with 'pquota' mount option`],
]

test('what this host cannot do is refused in the words of docker', () => {
  for (const [host, message] of refused) {
    assert.throws(() => verifyHost(hostConfig(host), rights), { kind: 'invalid', message })
  }
})

test('what this host can do passes without a word', () => {
  const host = hostConfig({
    autoRemove: true,
    extraHosts: ['a:1.1.1.1', 'six:fd00::1', 'bracketed:[fd00::1]', 'host.docker.internal:host-gateway'],
    dns: ['1.1.1.1', 'fd00::1'],
    dnsOptions: ['ndots:2'],
    capAdd: ['ALL', 'cap_net_admin'],
    capDrop: ['mknod'],
    oomScoreAdj: -500,
    runtime: 'crun',
    tmpfs: { '/t': 'size=1m' },
    ulimits: [{ name: 'nofile', soft: 64, hard: 64 }],
    sysctls: { 'net.core.somaxconn': '1', 'kernel.sem': '1', 'fs.mqueue.msg_max': '2', 'net/ipv4/ip_forward': '1' },
    logConfig: { type: 'json-file', config: { 'max-size': '1m' } },
  })
  assert.deepEqual(verifyHost(host, rights), [])
})

test('what needs CAP_SYS_RESOURCE is refused by name without it', () => {
  assert.throws(() => verifyHost(hostConfig({ oomScoreAdj: -1 }), poor), {
    kind: 'invalid',
    message: /CAP_SYS_RESOURCE/,
  })
  const ulimits = [{ name: 'memlock', soft: -1, hard: -1 }]
  if (process.getuid?.() !== 0) return
  assert.throws(() => verifyHost(hostConfig({ capAdd: ['SYS_RESOURCE'] }), poor), {
    message: /^invalid CapAdd: capability not supported by your kernel or not available/,
  })
  verifyHost(hostConfig({ ulimits }), rights)
})

test('ports published on the network of the host are warned of', () => {
  const host = hostConfig({ networkMode: 'host', portBindings: { '80/tcp': [] } })
  assert.deepEqual(verifyHost(host, rights), ['Published ports are discarded when using host network mode'])
})
