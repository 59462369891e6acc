import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isKind } from '../../../base/index.ts'
import type { CreateRequest } from '../../../containers/index.ts'
import { decodeJson } from '../http/body.ts'
import { containerConfig } from './container-config.ts'
import { createBody, readCreateRequest } from './create-request.ts'
import { hostConfig } from './host-config.ts'

const facts = { cgroupVersion: '1', loggingDriver: 'json-file', logDrivers: ['json-file', 'none'] } as const

function read(
  body: object,
  { version = '1.51', name }: { version?: string; name?: string } = {},
): { readonly request: CreateRequest; readonly warnings: readonly string[] } {
  const decoded = decodeJson(createBody, Buffer.from(JSON.stringify(body)))
  assert.ok(decoded)
  return readCreateRequest(decoded, { name, version, facts })
}

test('what docker run sends becomes a request, with everything it does not say at its initial value', () => {
  const { request, warnings } = read(
    {
      Hostname: '',
      AttachStdout: true,
      Env: ['A=1'],
      Cmd: ['echo', 'hi'],
      Image: 'busybox',
      Volumes: {},
      Entrypoint: null,
      ExposedPorts: { '80/tcp': {}, 53: {} },
      HostConfig: {
        NetworkMode: 'default',
        PortBindings: {
          '80/tcp': [{ HostIp: '', HostPort: '8080' }],
          '53/udp': [{ HostIp: '127.0.0.1', HostPort: '' }],
        },
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
        ConsoleSize: [24, 80],
        Memory: 67_108_864,
        PidsLimit: -1,
        Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
        Mounts: [{ Type: 'volume', Source: 'v', Target: '/v', VolumeOptions: { DriverConfig: { Name: 'local' } } }],
        MaskedPaths: null,
      },
      NetworkingConfig: { EndpointsConfig: { default: { MacAddress: '02:42:ac:11:00:09' } } },
    },
    { name: '/web' },
  )
  assert.deepEqual(warnings, [])
  assert.equal(request.name, 'web')
  assert.deepEqual(request.config.cmd, ['echo', 'hi'])
  assert.equal(request.config.entrypoint, null)
  assert.deepEqual(request.config.exposedPorts.toSorted(), ['53/tcp', '80/tcp'])
  const { host } = request
  assert.equal(host.networkMode, 'bridge')
  assert.deepEqual(host.ports, [
    { containerPort: 80, protocol: 'tcp', hostAddress: '', hostPort: { first: 8080, last: 8080 } },
    { containerPort: 53, protocol: 'udp', hostAddress: '127.0.0.1', hostPort: { first: 0, last: 0 } },
  ])
  assert.deepEqual(host.resources, { memory: 67_108_864 })
  assert.deepEqual(host.consoleSize, { rows: 24, columns: 80 })
  assert.deepEqual(host.ulimits, [{ name: 'nofile', soft: 1, hard: 2 }])
  assert.deepEqual(host.logConfig, { type: 'json-file', config: {} })
  assert.equal(host.maskedPaths, undefined)
  assert.deepEqual(host.mounts[0]?.volume, {
    noCopy: false,
    subpath: '',
    labels: {},
    driver: 'local',
    driverOptions: {},
  })
  assert.deepEqual(request.attachments, [
    { network: 'bridge', aliases: [], links: [], driverOptions: {}, macAddress: '02:42:ac:11:00:09' },
  ])
})

test('host and container configuration come back on the wire as they were sent', () => {
  const sent = {
    Binds: ['/a:/b:ro'],
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    CapAdd: ['NET_ADMIN'],
    Dns: ['1.1.1.1'],
    Memory: 1 << 20,
    MemorySwappiness: 0,
    OomKillDisable: true,
    PidsLimit: 5,
    Init: true,
    Mounts: [
      { Type: 'bind', Source: '/x', Target: '/y', BindOptions: { Propagation: 'rslave' } },
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 5, Mode: 511 } },
    ],
    MaskedPaths: [],
  }
  const { request } = read({ Image: 'x', Cmd: ['a'], StopTimeout: 0, HostConfig: sent })
  const echoed = hostConfig.encode(request.host) as Record<string, unknown>
  assert.deepEqual(Object.fromEntries(Object.keys(sent).map((key) => [key, echoed[key]])), sent)
  const silent = { ReadonlyPaths: null, ExtraHosts: null, DnsSearch: [], Devices: [], CpuShares: 0, CpusetCpus: '' }
  assert.deepEqual(Object.fromEntries(Object.keys(silent).map((key) => [key, echoed[key]])), silent)
  assert.ok(!('Tmpfs' in echoed) && !('Sysctls' in echoed) && !('Annotations' in echoed))
  const config = containerConfig.encode(request.config) as Record<string, unknown>
  assert.deepEqual([config.Image, config.Cmd, config.StopTimeout, config.Volumes], ['x', ['a'], 0, {}])
  assert.ok(!('Shell' in config) && !('Healthcheck' in config) && !('MacAddress' in config))
})

const REFUSALS: readonly (readonly [body: object, message: string, version?: string])[] = [
  [{}, 'config cannot be empty in order to create a container'],
  [{ HostConfig: { Memory: 1 } }, 'config cannot be empty in order to create a container'],
  [
    { Image: 'x', HostConfig: { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] } },
    'could not select device driver "" with capabilities: [[gpu]]',
  ],
  [{ Image: 'x', HostConfig: { CpuRealtimePeriod: 5 } }, 'kernel does not support CPU real-time scheduler'],
  [{ Image: 'x', HostConfig: { Isolation: 'hyperv' } }, `invalid isolation (hyperv): linux only supports 'default'`],
  [
    { Image: 'x', HostConfig: { BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1 }] } },
    'HostConfig.BlkioDeviceReadBps is not supported',
  ],
  [
    { Image: 'x', HostConfig: { RestartPolicy: { Name: 'sometimes' } } },
    `invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
  ],
  [
    { Image: 'x', HostConfig: { RestartPolicy: { Name: 'always', MaximumRetryCount: -1 } } },
    `invalid restart policy: maximum retry count can only be used with 'on-failure' and cannot be negative`,
  ],
  [{ Image: 'x', HostConfig: { PortBindings: { 'x/tcp': [] } } }, 'invalid port specification: "x/tcp"'],
  [
    { Image: 'x', HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '99999' }] } } },
    'invalid port specification: "99999"',
  ],
  [{ Image: 'x', HostConfig: { LogConfig: { Type: 'gelf' } } }, `logger: no log driver named 'gelf' is registered`],
  [
    { Image: 'x', HostConfig: { Mounts: [{ Type: 'npipe' }] } },
    'invalid mount config for type "npipe": mount type unknown',
  ],
  [
    { Image: 'x', HostConfig: { Mounts: [{ Type: 'bind', TmpfsOptions: {} }] } },
    'TmpfsOptions must not be specified on mount type "bind"',
  ],
  [{ Image: 'x', HostConfig: { Mounts: [{ Type: 'image' }] } }, 'Mount type "Image" needs API v1.48 or newer', '1.47'],
  [
    { Image: 'x', NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } },
    'Container cannot be created with multiple network endpoints: a, b',
    '1.43',
  ],
  [
    { Image: 'x', MacAddress: '02:42:ac:11:00:09', HostConfig: { NetworkMode: 'host' } },
    'conflicting options: mac-address and the network mode',
    '1.43',
  ],
]

for (const [body, message, version = '1.51'] of REFUSALS) {
  test(`${JSON.stringify(body)} is refused at ${version}: ${message}`, () => {
    assert.throws(
      () => read(body, { version }),
      (error: Error) => error.message === message,
    )
  })
}

test('older versions of the API keep their meaning', () => {
  const body = {
    Image: 'x',
    MacAddress: '02:42:ac:11:00:09',
    HostConfig: {
      AutoRemove: true,
      ConsoleSize: [1, 2],
      Annotations: { a: 'b' },
      Mounts: [{ Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true, BindOptions: { CreateMountpoint: true } }],
    },
  }
  const { request: old } = read(body, { version: '1.24' })
  assert.equal(old.host.autoRemove, false)
  assert.deepEqual(old.host.consoleSize, { rows: 0, columns: 0 })
  assert.deepEqual(old.host.annotations, {})
  assert.equal(old.host.ipcMode, 'shareable')
  assert.equal(old.host.cgroupnsMode, 'host')
  assert.deepEqual(
    [old.host.mounts[0]?.bind?.createMountpoint, old.host.mounts[0]?.bind?.readOnlyNonRecursive],
    [false, true],
  )
  assert.equal(old.attachments[0]?.macAddress, '02:42:ac:11:00:09')
  const { request: recent, warnings } = read(body)
  assert.deepEqual([recent.host.autoRemove, recent.host.ipcMode, recent.config.macAddress], [true, '', ''])
  assert.match(warnings.join(), /container-wide MacAddress field is now deprecated/)
})

test('the network with the highest priority comes first, then the one the container runs in', () => {
  const EndpointsConfig = { a: {}, b: { GwPriority: 1 }, c: {} }
  const { request } = read({ Image: 'x', HostConfig: { NetworkMode: 'c' }, NetworkingConfig: { EndpointsConfig } })
  assert.deepEqual(
    request.attachments.map(({ network }) => network),
    ['b', 'c', 'a'],
  )
})

test('whatever JSON is sent, it becomes a request or is refused as invalid', () => {
  const hostKeys = Object.keys(hostConfig.encode(read({ Image: 'x' }).request.host) as object)
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('80/tcp', 'container:x', '1-2', -1, [[]], [{}]))
  const keys = fc.constantFrom(...hostKeys, 'Mounts', 'Tmpfs', 'Init', 'DeviceRequests', 'PortBindings', 'Annotations')
  const endpoints = fc.dictionary(fc.constantFrom('default', 'bridge', '__proto__', 'n'), value)
  const body = fc.record({
    Image: fc.constantFrom('x', ''),
    ExposedPorts: value,
    Healthcheck: value,
    MacAddress: fc.constantFrom('', '02:42:ac:11:00:09'),
    HostConfig: fc.dictionary(keys, value, { maxKeys: 4 }),
    NetworkingConfig: fc.record({ EndpointsConfig: endpoints }),
  })
  fc.assert(
    fc.property(body, fc.constantFrom('1.24', '1.41', '1.43', '1.47', '1.51'), (sent, version) => {
      try {
        read(sent, { version })
      } catch (error) {
        assert.ok(isKind(error, 'invalid'), String(error))
      }
    }),
    { numRuns: 3000 },
  )
})
