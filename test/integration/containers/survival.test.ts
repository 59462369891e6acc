import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { HostConfig } from '../../../src/containers/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { type Lab, openLab, request } from './lab.ts'

const FOREVER = ['sleep', '600']
const FORCED = { force: true, volumes: true, link: false }

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab[Symbol.asyncDispose]())

function policy(name: HostConfig['restartPolicy']['name'], maximumRetryCount = 0) {
  return { host: { restartPolicy: { name, maximumRetryCount } } }
}

async function forget(...names: readonly string[]): Promise<void> {
  for (const name of names) await lab.containers.remove(name, FORCED)
}

test('on-failure tries as often as it says, and anew after a start by hand', async () => {
  await lab.start('fails', ['sh', '-c', 'exit 4'], policy('on-failure', 2))
  await lab.told('fails', 'die 4', 3)
  await lab.reach('fails', 'exited 4')
  assert.equal(lab.containers.find('fails').restartCount, 2)
  await lab.containers.start('fails')
  await lab.told('fails', 'die 4', 6)
  await lab.reach('fails', 'exited 4')
  assert.equal(lab.containers.find('fails').restartCount, 2)
  await forget('fails')
})

test('a stop ends the waiting for a restart, and everybody who waits with it', async () => {
  await lab.start('flaps', ['sh', '-c', 'exit 4'], policy('always'))
  await waitFor(() => lab.containers.find('flaps').restartCount >= 2, { what: 'a longer pause' })
  await lab.reach('flaps', 'restarting')
  const { result } = lab.containers.wait('flaps', 'not-running')
  await lab.containers.stop('flaps')
  assert.equal((await result).code, 4)
  assert.equal(lab.stateOf('flaps'), 'exited 4')
  await forget('flaps')
})

test('a container that keeps restarting can be removed at any moment', async () => {
  for (let round = 0; round < 5; round += 1) {
    await lab.start('restless', ['sh', '-c', `sleep 0.0${round}; exit 1`], policy('always'))
    await lab.told('restless', 'die 1', round + 1)
    await lab.containers.remove('restless', FORCED)
  }
})

test('an engine that ends in order leaves its policies to the next one', async () => {
  await lab.start('wanted', FOREVER, { ...policy('unless-stopped'), config: { stopSignal: 'KILL' } })
  await lab.start('unwanted', FOREVER, { ...policy('unless-stopped'), config: { stopSignal: 'KILL' } })
  await lab.start('forever', FOREVER, { ...policy('always'), config: { stopSignal: 'KILL' } })
  await lab.start('once', FOREVER, { config: { stopSignal: 'KILL' } })
  await lab.containers.stop('unwanted')
  await lab.reopen({ stop: true })
  for (const name of ['wanted', 'forever']) await lab.reach(name, 'running')
  for (const name of ['unwanted', 'once']) assert.equal(lab.stateOf(name), 'exited 137')
  await forget('wanted', 'unwanted', 'forever', 'once')
})

test('containers outlive an engine that is killed, and what ended meanwhile has its own code', async () => {
  const counting = 'i=0; while :; do echo $i; i=$((i+1)); sleep 0.01; done'
  const ports = [
    { containerPort: 80, protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: { first: 0, last: 0 } },
  ] as const
  const ending = (code: number): readonly string[] => [
    'sh',
    '-c',
    `while [ ! -e /go/go ]; do sleep 0.02; done; exit ${code}`,
  ]
  const volume = lab.engine.volumes.create({ name: 'gate' })
  const gate = { binds: ['gate:/go:ro'] }
  const requests = [
    request('counts', ['sh', '-c', counting], { host: { ports } }),
    request('ends', ending(42), { host: gate }),
    request('vanishes', ending(1), { host: { ...gate, autoRemove: true } }),
    request('returns', ending(9), { host: { ...gate, restartPolicy: { name: 'on-failure', maximumRetryCount: 1 } } }),
  ]
  await lab.survive(requests, async () => writeFileSync(join(volume.mountpoint, 'go'), ''))
  await lab.reach('ends', 'exited 42')
  await waitFor(() => lab.containers.list({ all: true, filters: { name: ['vanishes'] } }).length === 0, {
    what: 'the one with --rm gone',
  })
  await waitFor(() => lab.containers.find('returns').restartCount === 1, { what: 'its restart' })
  assert.equal(lab.stateOf('counts'), 'running')
  assert.equal(lab.containers.find('counts').network?.ports.length, 1)
  const seen = (await lab.output('counts')).trim().split('\n')
  await waitFor(async () => (await lab.output('counts')).trim().split('\n').length > seen.length + 20, {
    what: 'more of the log',
  })
  const numbers = (await lab.output('counts')).trim().split('\n').map(Number)
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index),
  )
  await lab.reach('returns', 'exited 9')
  await forget('counts', 'ends', 'returns')
  await lab.engine.volumes.remove('gate')
})
