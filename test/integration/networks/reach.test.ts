import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { closeFd, inNetns, openNetns, reservePort } from '../../../src/kernel/index.ts'
import { mustRun } from '../../fixtures/command.ts'
import { ask, HOST, inPlace, openLab, type Place, portRequest } from './lab.ts'

const SERVE = ['tcp/0.0.0.0/80', 'udp/0.0.0.0/53', 'tcp/0.0.0.0/81']

test('containers reach each other, their gateway and the world outside', async () => {
  await using lab = await openLab()
  const outside = await lab.outsideHost()
  const a = await lab.container('a', { serve: SERVE })
  const b = await lab.container('b')
  const gateway = lab.networks.get('bridge').ipam.subnets[0]?.gateway ?? ''
  for (const target of [a.address, gateway, outside.address]) {
    const { code, stdout } = await inPlace(b, 'busybox', 'ping', '-c', '1', '-W', '2', target)
    assert.equal(code, 0, stdout)
  }
  assert.equal(await ask(b, `tcp/${a.address}/80`), `a ${b.address}`)
  assert.equal(await ask(b, `udp/${a.address}/53`), `a ${b.address}`)
})

test('outside, a container is seen with the host’s address', async () => {
  await using lab = await openLab()
  const outside = await lab.outsideHost()
  const a = await lab.container('a')
  await using server = await lab.responder(outside, 'outside', ['tcp/0.0.0.0/80', 'udp/0.0.0.0/53'])
  assert.ok(server)
  assert.equal(await ask(a, `tcp/${outside.address}/80`), `outside ${outside.gateway}`)
  assert.equal(await ask(a, `udp/${outside.address}/53`), `outside ${outside.gateway}`)
})

test('segments fit the narrowest link on the way', async () => {
  await using lab = await openLab()
  const outside = await lab.outsideHost()
  // The other host does not know that the cable is narrow at our end, nor does the container.
  await mustRun('ip', ['link', 'set', outside.cable, 'mtu', '1300'])
  const a = await lab.container('a')
  await using _server = await lab.responder(outside, 'outside', ['tcp/0.0.0.0/80'])
  const script = `require('net').connect({ port: 80, host: '${outside.address}', allowHalfOpen: true }, () => {
    console.log(require('child_process').execFileSync('ss', ['-tinH', 'dst', '${outside.address}'], { encoding: 'utf8' }))
    process.exit()
  })`
  const { stdout } = await inPlace(a, process.execPath, '-e', script)
  assert.match(stdout, / mss:12\d\d /)
})

test('published ports answer where they should and nowhere else', async (t) => {
  await using lab = await openLab()
  await using other = await openLab()
  const outside = await lab.outsideHost()
  const addresses = ['0.0.0.0', '127.0.0.1', outside.gateway]
  const ports = addresses.flatMap((address, index) => {
    const range = `${address}:${24_000 + index * 100}-${24_099 + index * 100}`
    return [portRequest(`${range}:80`), portRequest(`${range}:53/udp`)]
  })
  const a = await lab.container('a', { serve: SERVE, ports })
  const neighbour = await lab.container('neighbour')
  const stranger = await other.container('stranger')
  const find = (hostAddress: string, protocol: string): number =>
    a.sandbox.ports.find((port) => port.hostAddress === hostAddress && port.protocol === protocol)?.hostPort ?? 0
  const gateway = lab.networks.get('bridge').ipam.subnets[0]?.gateway ?? ''
  const places: Record<string, Place & { readonly address: string }> = {
    'the host by loopback': { ...HOST, address: '127.0.0.1' },
    'the host by its own address': { ...HOST, address: outside.gateway },
    'another host': { netns: outside.netns, address: outside.gateway },
    'a neighbour': { netns: neighbour.netns, address: outside.gateway },
    'a neighbour by the gateway': { netns: neighbour.netns, address: gateway },
    'the container itself': { netns: a.netns, address: outside.gateway },
    'another network': { netns: stranger.netns, address: outside.gateway },
  }
  const anywhere = Object.keys(places)
  const bindings: Record<string, readonly string[]> = {
    '0.0.0.0': anywhere,
    '127.0.0.1': ['the host by loopback'],
    [outside.gateway]: anywhere.filter(
      (name) => !['the host by loopback', 'a neighbour by the gateway'].includes(name),
    ),
  }
  const askers: Record<string, string> = {
    'the host by its own address': outside.gateway,
    'another host': outside.address,
  }
  for (const [binding, reachable] of Object.entries(bindings)) {
    for (const protocol of ['tcp', 'udp']) {
      for (const [name, place] of Object.entries(places)) {
        await t.test(
          `${protocol} port on ${binding === outside.gateway ? 'one host address' : binding} from ${name}`,
          async () => {
            const answer = await ask(place, `${protocol}/${place.address}/${find(binding, protocol)}`)
            if (!reachable.includes(name)) assert.match(answer, /^(refused|silence)$/)
            else assert.match(answer, name in askers ? RegExp(`^a ${askers[name]}$`) : /^a /)
          },
        )
      }
    }
  }
})

test('nothing but published ports is reachable from outside', async () => {
  await using lab = await openLab()
  await using other = await openLab()
  const outside = await lab.outsideHost()
  const a = await lab.container('a', { serve: SERVE, ports: [portRequest('0:80')] })
  const stranger = await other.container('stranger')
  for (const place of [outside, stranger]) {
    for (const question of [`tcp/${a.address}/80`, `tcp/${a.address}/81`, `udp/${a.address}/53`]) {
      assert.equal(await ask(place, question), 'silence', `${place.netns} ${question}`)
    }
    const { code } = await inPlace(place, 'busybox', 'ping', '-c', '1', '-W', '1', a.address)
    assert.notEqual(code, 0)
  }
  assert.match(await ask(HOST, `tcp/${a.address}/81`), /^a /)
})

test('the host’s loopback cannot be reached through the bridge', async () => {
  await using lab = await openLab()
  const a = await lab.container('a')
  await using server = await lab.responder(HOST, 'host', ['tcp/127.0.0.1/0', 'tcp/127.0.0.1/45871'])
  assert.ok(server)
  const gateway = lab.networks.get('bridge').ipam.subnets[0]?.gateway ?? ''
  const direct = 'ip route del local 127.0.0.0/8 table local; ip route add 127.0.0.0/8 via'
  await inPlace(
    a,
    'sh',
    '-c',
    `echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet; ip address del 127.0.0.1/8 dev lo; ${direct} ${gateway}`,
  )
  assert.equal(await ask(a, 'tcp/127.0.0.1/45871'), 'silence')
  assert.equal(await ask(HOST, 'tcp/127.0.0.1/45871'), 'host 127.0.0.1')
})

test('a udp port that moves to another container takes its clients along', async () => {
  await using lab = await openLab()
  const outside = await lab.outsideHost()
  const first = await lab.container('first', { serve: SERVE, ports: [portRequest('0:53/udp')] })
  const port = first.port(53, 'udp')
  const question = (address: string) => `udp/${address}/${port}/40001`
  assert.match(await ask(outside, question(outside.gateway)), /^first /)
  assert.match(await ask(HOST, question('127.0.0.1')), /^first /)
  await first.stop()
  const inBetween = await lab.container('in between')
  assert.equal(inBetween.address, first.address)
  const second = await lab.container('second', { serve: SERVE, ports: [portRequest(`${port}:53/udp`)] })
  assert.equal(second.port(53, 'udp'), port)
  assert.match(await ask(outside, question(outside.gateway)), /^second /)
  assert.match(await ask(HOST, question('127.0.0.1')), /^second /)
})

test('an address given to the next container leads to it at once', async () => {
  await using lab = await openLab()
  const addresses = new Set<string>()
  for (let round = 0; round < 5; round += 1) {
    const container = await lab.container('a', { ports: [portRequest('0:80')] })
    addresses.add(container.address)
    const netns = openNetns(container.netns ?? '')
    // Made here and not by another program: the kernel is still taking the last container's interface away.
    const { fd } = inNetns(netns, () => reservePort({ address: '0.0.0.0', port: 80, protocol: 'tcp' }))
    closeFd(netns)
    await using server = createServer((socket) => socket.end('here')).listen({ fd })
    assert.ok(server)
    const socket = connect({ host: '127.0.0.1', port: container.port(80), signal: AbortSignal.timeout(900) })
    // A first packet that goes astray is sent again after a second only.
    assert.equal(await text(socket), 'here')
    await container.stop()
  }
  assert.equal(addresses.size, 1)
})
