import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mustRun, runCommand } from '../../fixtures/command.ts'
import { ask, attachment, inPlace, type Lab, networkRequest, openLab, portRequest, randomSubnets } from './lab.ts'

async function withTwo(lab: Lab) {
  const [one, two] = randomSubnets()
  return [lab.networks.create(networkRequest('one', one)), lab.networks.create(networkRequest('two', two))] as const
}

test('neighbours on a network reach each other and nobody on another', async () => {
  await using lab = await openLab()
  const [one, two] = await withTwo(lab)
  const server = await lab.container('server', { attachments: [{ network: one.name }], serve: ['tcp/0.0.0.0/80'] })
  const near = await lab.container('near', { attachments: [{ network: one.name }] })
  const far = await lab.container('far', { attachments: [{ network: two.name }] })
  const bridged = await lab.container('bridged')
  assert.match(await ask(near, `tcp/${server.address}/80`), /^server /)
  assert.equal(await ask(far, `tcp/${server.address}/80`), 'silence')
  assert.equal(await ask(bridged, `tcp/${server.address}/80`), 'silence')
})

test('a running container joins and leaves a network; the first by name gives the default route', async () => {
  await using lab = await openLab()
  const [one, two] = await withTwo(lab)
  const wanderer = await lab.container('wanderer', { attachments: [{ network: two.name }] })
  const server = await lab.container('server', { attachments: [{ network: one.name }], serve: ['tcp/0.0.0.0/80'] })
  const route = async () => (await inPlace(wanderer, 'ip', 'route', 'show', 'default')).stdout
  assert.match(await route(), new RegExp(`via ${two.ipam.subnets[0]?.gateway} dev eth0`))
  const { endpoints } = lab.networks.attach(wanderer.id, attachment({ network: one.name, aliases: ['x'] }))
  assert.deepEqual(
    endpoints.map(({ interfaceName, networkName }) => `${interfaceName} ${networkName}`),
    ['eth0 two', 'eth1 one'],
  )
  assert.match(await ask(wanderer, `tcp/${server.address}/80`), /^server /)
  assert.match(await route(), new RegExp(`via ${one.ipam.subnets[0]?.gateway} dev eth1`))
  assert.throws(() => lab.networks.attach(wanderer.id, attachment({ network: one.name })), {
    kind: 'forbidden',
    message: /^endpoint with name \S+ already exists in network one$/,
  })
  assert.throws(() => lab.networks.remove('two'), { kind: 'forbidden', message: /has active endpoints \(name:"/ })
  lab.networks.detach(wanderer.id, one.id)
  assert.match(await route(), new RegExp(`via ${two.ipam.subnets[0]?.gateway} dev eth0`))
  assert.equal(await ask(wanderer, `tcp/${server.address}/80`), 'silence')
  assert.deepEqual(
    lab.events.slice(-2).map((event) => event.split(' ').slice(0, 2).join(' ')),
    ['connect one', 'disconnect one'],
  )
})

test('published ports follow the default route from one network to the other', async () => {
  await using lab = await openLab()
  const [one, two] = await withTwo(lab)
  const outside = await lab.outsideHost()
  const web = await lab.container('web', {
    attachments: [{ network: two.name }],
    ports: [portRequest('0:80')],
    serve: ['tcp/0.0.0.0/80'],
  })
  const question = `tcp/${outside.gateway}/${web.port(80)}`
  assert.match(await ask(outside, question), /^web /)
  lab.networks.attach(web.id, attachment({ network: one.name }))
  assert.match(await ask(outside, question), /^web /)
  lab.networks.detach(web.id, two.id)
  assert.match(await ask(outside, question), /^web /)
})

test('an internal network leads nowhere, and without icc neighbours do not meet', async () => {
  await using lab = await openLab()
  const [one, two] = randomSubnets()
  lab.networks.create(networkRequest('inner', one, { internal: true }))
  lab.networks.create(networkRequest('alone', two, { options: { 'com.docker.network.bridge.enable_icc': 'false' } }))
  const serve = ['tcp/0.0.0.0/80']
  const inner = await lab.container('inner', { attachments: [{ network: 'inner' }], serve })
  const neighbour = await lab.container('neighbour', { attachments: [{ network: 'inner' }] })
  const outside = await lab.outsideHost()
  await using _ = await lab.responder(outside, 'outside', serve)
  assert.match(await ask(neighbour, `tcp/${inner.address}/80`), /^inner /)
  assert.equal((await inPlace(neighbour, 'ip', 'route', 'show', 'default')).stdout, '')
  const gateway = one.replace(/0\/24$/, '1')
  await inPlace(neighbour, 'ip', 'route', 'add', 'default', 'via', gateway)
  assert.equal(await ask(neighbour, `tcp/${outside.address}/80`), 'silence')
  const first = await lab.container('first', { attachments: [{ network: 'alone' }], serve })
  const second = await lab.container('second', { attachments: [{ network: 'alone' }] })
  assert.equal(await ask(second, `tcp/${first.address}/80`), 'silence')
  assert.match(await ask(second, `tcp/${outside.address}/80`), /^outside /)
})

test('networks outlive the daemon, and give no address twice', async () => {
  await using lab = await openLab()
  const [one] = await withTwo(lab)
  const before = await lab.container('before', { attachments: [{ network: 'one' }, { network: 'two' }] })
  await mustRun('ip', ['link', 'show', `br-${one.id.slice(0, 12)}`])
  await lab.restart()
  await lab.networks.reconcile(new Set([before.id]))
  assert.deepEqual(lab.networks.get('one'), one)
  assert.equal(lab.networks.endpointsOf(one.id)[0]?.address, before.address)
  const after = await lab.container('after', { attachments: [{ network: 'one' }] })
  assert.notEqual(after.address, before.address)
  await before.stop()
  await after.stop()
  lab.networks.remove('one')
  assert.notEqual((await runCommand('ip', ['link', 'show', `br-${one.id.slice(0, 12)}`])).code, 0)
  assert.throws(() => lab.networks.get('one'), { kind: 'not-found' })
})
