import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTAINER_ID, containerConfig, containerRecord, hostConfig } from '../../../test/fixtures/container-request.ts'
import { failure } from '../../base/index.ts'
import type { ContainerConfig, HostConfig } from '../contract.ts'
import { resolveModes, verifyModes } from './modes.ts'

test('modes that contradict other settings or do not exist are refused in the words of docker', () => {
  const shared = { networkMode: 'container:web' }
  const cases: readonly [string, Partial<HostConfig>, Partial<ContainerConfig>?][] = [
    ['invalid IPC mode: mine', { ipcMode: 'mine' }],
    ['invalid IPC mode: container:', { ipcMode: 'container:' }],
    ['invalid PID mode: private', { pidMode: 'private' }],
    ['invalid PID mode: container:', { pidMode: 'container:' }],
    ['invalid UTS mode: private', { utsMode: 'private' }],
    ['invalid userns mode: keep-id', { usernsMode: 'keep-id' }],
    ['invalid cgroup namespace mode: mine', { cgroupnsMode: 'mine' }],
    ['conflicting options: hostname and the UTS mode', { utsMode: 'host' }, { hostname: 'web' }],
    [
      `conflicting options: host type networking can't be used with links. This would result in undefined behavior`,
      { networkMode: 'host', links: ['a:b'] },
    ],
    ['invalid network mode: invalid container format container:<name|id>', { networkMode: 'container' }],
    ['invalid network mode: invalid container format container:<name|id>', { networkMode: 'container:' }],
    ['conflicting options: hostname and the network mode', shared, { hostname: 'web' }],
    [
      `conflicting options: container type network can't be used with links. This would result in undefined behavior`,
      { ...shared, links: ['a:b'] },
    ],
    ['conflicting options: dns and the network mode', { ...shared, dns: ['1.1.1.1'] }],
    ['conflicting options: custom host-to-IP mapping and the network mode', { ...shared, extraHosts: ['a:1.1.1.1'] }],
    [
      'conflicting options: port publishing and the container type network mode',
      { ...shared, portBindings: { '80/tcp': [] } },
    ],
    ['conflicting options: port publishing and the container type network mode', { ...shared, publishAllPorts: true }],
    ['conflicting options: port exposing and the container type network mode', shared, { exposedPorts: ['80/tcp'] }],
  ]
  for (const [message, host, config] of cases) {
    assert.throws(() => verifyModes(hostConfig(host), containerConfig(config)), { kind: 'invalid', message })
  }
})

test('modes that exist are fine', () => {
  for (const ipcMode of ['', 'none', 'private', 'shareable', 'host', 'container:web']) {
    verifyModes(hostConfig({ ipcMode, pidMode: 'container:web', utsMode: 'host' }), containerConfig())
  }
  verifyModes(hostConfig({ networkMode: 'mine', links: ['a:b'] }), containerConfig())
})

test('links on the default network are refused by name', () => {
  assert.throws(() => verifyModes(hostConfig({ links: ['a:b'] }), containerConfig()), { kind: 'unsupported' })
})

test('modes name other containers by id', () => {
  const find = (name: string) => {
    if (name !== 'web') throw failure('not-found', `No such container: ${name}`)
    return containerRecord({ host: { ipcMode: 'shareable' } })
  }
  const id = `container:${CONTAINER_ID}`
  assert.deepEqual(
    resolveModes(
      hostConfig({ networkMode: 'container:web', ipcMode: 'container:web', pidMode: 'container:web' }),
      find,
    ),
    { networkMode: id, ipcMode: id, pidMode: id },
  )
  assert.deepEqual(resolveModes(hostConfig({ networkMode: 'mine', ipcMode: 'private' }), find), {
    networkMode: 'mine',
    ipcMode: 'private',
    pidMode: '',
  })
  for (const field of ['networkMode', 'ipcMode', 'pidMode']) {
    assert.throws(() => resolveModes(hostConfig({ [field]: 'container:gone' }), find), {
      kind: 'invalid',
      message: 'No such container: gone',
    })
  }
})

test('IPC is shared only by containers that offer it', () => {
  const find = () => containerRecord({ host: { ipcMode: 'private' } })
  assert.throws(() => resolveModes(hostConfig({ ipcMode: 'container:web' }), find), {
    kind: 'invalid',
    message: /^cannot join IPC of container 0123456789ab\w+: non-shareable IPC/,
  })
})
