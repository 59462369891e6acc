import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerConfig } from '../../../test/fixtures/container-request.ts'
import type { ExecutionConfig } from '../../oci/index.ts'
import type { ContainerConfig } from '../contract.ts'
import { mergeImageConfig } from './merge-image.ts'

const IMAGE: ExecutionConfig = { Entrypoint: ['/init'], Cmd: ['serve', '-v'] }

interface Case {
  readonly name: string
  readonly cmd: ContainerConfig['cmd']
  readonly entrypoint: ContainerConfig['entrypoint']
  readonly image: ExecutionConfig
  /** Entry point and command that come out. */
  readonly runs: readonly [ContainerConfig['entrypoint'], ContainerConfig['cmd']]
}

const commands: readonly Case[] = [
  { name: 'nothing asked', cmd: null, entrypoint: null, image: IMAGE, runs: [['/init'], ['serve', '-v']] },
  { name: 'a command', cmd: ['sh'], entrypoint: null, image: IMAGE, runs: [['/init'], ['sh']] },
  { name: 'an empty command is none', cmd: [], entrypoint: null, image: IMAGE, runs: [['/init'], ['serve', '-v']] },
  { name: 'an entry point resets the command', cmd: null, entrypoint: ['sh'], image: IMAGE, runs: [['sh'], null] },
  { name: 'entry point and command', cmd: ['-c', 'x'], entrypoint: ['sh'], image: IMAGE, runs: [['sh'], ['-c', 'x']] },
  {
    name: 'an empty entry point keeps the command',
    cmd: null,
    entrypoint: [],
    image: IMAGE,
    runs: [[], ['serve', '-v']],
  },
  { name: 'a cleared entry point', cmd: ['sh'], entrypoint: [''], image: IMAGE, runs: [null, ['sh']] },
  { name: 'an image without entry point', cmd: null, entrypoint: null, image: { Cmd: ['sh'] }, runs: [null, ['sh']] },
]

for (const { name, cmd, entrypoint, image, runs } of commands) {
  test(`command of a container: ${name}`, () => {
    const merged = mergeImageConfig(containerConfig({ cmd, entrypoint }), image)
    assert.deepEqual([merged.entrypoint, merged.cmd], runs)
  })
}

test('a container without any command is refused', () => {
  const empty: readonly [ContainerConfig['cmd'], ContainerConfig['entrypoint'], ExecutionConfig][] = [
    [null, null, {}],
    [[], [], { Entrypoint: ['/init'] }],
    [null, [''], IMAGE],
  ]
  for (const [cmd, entrypoint, image] of empty) {
    assert.throws(() => mergeImageConfig(containerConfig({ cmd, entrypoint }), image), {
      kind: 'invalid',
      message: 'no command specified',
    })
  }
})

test('variables asked for come first and keep those of the image out', () => {
  const image = { ...IMAGE, Env: ['PATH=/bin', 'A=image', 'B=image', 'C=image'] }
  const { env } = mergeImageConfig(containerConfig({ env: ['A=mine', 'B', 'D='] }), image)
  assert.deepEqual(env, ['A=mine', 'B', 'D=', 'PATH=/bin', 'C=image'])
})

test('labels, ports and volumes are united', () => {
  const merged = mergeImageConfig(
    containerConfig({ labels: { b: 'mine', a: '1' }, exposedPorts: ['81/udp'], volumes: ['/data'] }),
    {
      ...IMAGE,
      Labels: { b: 'image', c: '3' },
      ExposedPorts: { '80/tcp': {}, '81/udp': {}, '7': {} },
      Volumes: { '/data': {}, '/cache': {} },
    },
  )
  assert.deepEqual(Object.entries(merged.labels), [
    ['a', '1'],
    ['b', 'mine'],
    ['c', '3'],
  ])
  assert.deepEqual(merged.exposedPorts, ['7/tcp', '80/tcp', '81/udp'])
  assert.deepEqual(merged.volumes, ['/cache', '/data'])
})

test('user, folder and signal come from the image unless asked for', () => {
  const image = { ...IMAGE, User: 'app', WorkingDir: '/srv', StopSignal: 'SIGQUIT' }
  const inherited = mergeImageConfig(containerConfig(), image)
  assert.deepEqual([inherited.user, inherited.workingDir, inherited.stopSignal], ['app', '/srv', 'SIGQUIT'])
  const own = mergeImageConfig(containerConfig({ user: '0', workingDir: '/', stopSignal: '9' }), image)
  assert.deepEqual([own.user, own.workingDir, own.stopSignal], ['0', '/', '9'])
})

test('a health check is completed field by field', () => {
  const image = { ...IMAGE, Healthcheck: { Test: ['CMD', 'ok'], Interval: 5_000_000, Retries: 3 } }
  assert.deepEqual(mergeImageConfig(containerConfig(), image).healthcheck, image.Healthcheck)
  const asked = containerConfig({ healthcheck: { Test: [], Interval: 0, Retries: 7, Timeout: 9_000_000 } })
  assert.deepEqual(mergeImageConfig(asked, image).healthcheck, {
    Test: ['CMD', 'ok'],
    Interval: 5_000_000,
    Retries: 7,
    Timeout: 9_000_000,
  })
  assert.deepEqual(mergeImageConfig(asked, IMAGE).healthcheck, asked.healthcheck)
})

test('what only builds or ends a container is not taken from the image', () => {
  const merged = mergeImageConfig(containerConfig(), {
    ...IMAGE,
    OnBuild: ['RUN x'],
    Shell: ['/bin/sh'],
    StopTimeout: 3,
  })
  assert.deepEqual([merged.onBuild, merged.shell, merged.stopTimeout], [null, null, undefined])
})
