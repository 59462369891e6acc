import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { openRtnetlink, startThreadPool } from '../../../src/kernel/index.ts'
import { mustRun, runCommand } from '../../fixtures/command.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { type Namespace, openNamespace } from './lab.ts'

await startThreadPool()

const MAC = '02:42:ac:1e:00:01'

test('a bridge comes up with its address, in both families, and goes', () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  const bridge = links.createBridge({ name: 'br0', mac: MAC, mtu: 1400 })
  assert.deepEqual(bridge, { index: bridge.index, name: 'br0', mac: MAC, mtu: 1400, up: true, kind: 'bridge' })
  assert.throws(() => links.createBridge({ name: 'br0' }), { code: 'EEXIST', path: 'create bridge br0' })
  links.addAddress(bridge.index, { address: '10.9.0.1', prefix: 24, broadcast: '10.9.0.255' })
  links.addAddress(bridge.index, { address: 'fd09::1', prefix: 64 })
  assert.throws(() => links.addAddress(bridge.index, { address: '10.9.0.1', prefix: 24 }), { code: 'EEXIST' })
  const own = links.addresses().filter(({ index }) => index === bridge.index)
  assert.ok(own.some(({ address, prefix, family }) => address === '10.9.0.1' && prefix === 24 && family === 4))
  assert.ok(own.some(({ address, prefix, family }) => address === 'fd09::1' && prefix === 64 && family === 6))
  links.deleteAddress(bridge.index, { address: '10.9.0.1', prefix: 24 })
  assert.equal(
    links.addresses().some(({ address }) => address === '10.9.0.1'),
    false,
  )
  links.deleteLink(bridge.index)
  assert.equal(links.linkByName('br0'), undefined)
  assert.throws(() => links.deleteLink(bridge.index), { code: 'ENODEV' })
})

test('a name that nobody has, or can have, is nobody’s', () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  for (const name of ['nobody', 'a-name-far-too-long-for-an-interface']) assert.equal(links.linkByName(name), undefined)
  assert.throws(() => links.linkByName('lo\0x'), TypeError)
})

test('a link is changed in what is named and nothing else', () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  const bridge = links.createBridge({ name: 'br0' })
  const other = links.createBridge({ name: 'br1' })
  links.setLink(bridge.index, { up: false, name: 'renamed', mtu: 1300, mac: MAC })
  assert.deepEqual(links.linkByName('renamed'), { ...bridge, name: 'renamed', up: false, mtu: 1300, mac: MAC })
  assert.deepEqual(links.linkByName('br1'), other)
  assert.throws(() => links.setLink(99_999, { up: true }), { code: 'ENODEV' })
  assert.throws(() => links.setLink(bridge.index, { mtu: 1 }), /netlink "set link/)
})

/** A network of one bridge, in a namespace that plays the host, with a container behind it. */
function connect(host: Namespace, container: Namespace, number: number) {
  using links = openRtnetlink({ netns: host.fd })
  const bridge = links.linkByName('br0') ?? links.createBridge({ name: 'br0' })
  const veth = links.createVeth({
    name: `veth${number}`,
    peer: 'born',
    peerNetns: container.fd,
    master: bridge.index,
    peerMac: `02:42:0a:09:00:0${number}`,
    hairpin: true,
  })
  using inside = openRtnetlink({ netns: container.fd })
  inside.configureInterface({
    name: 'born',
    rename: 'eth0',
    addresses: [
      { address: `10.9.0.${number}`, prefix: 24, broadcast: '10.9.0.255' },
      { address: `fd09::${number}`, prefix: 64 },
    ],
    gateway: '10.9.0.1',
    gateway6: 'fd09::1',
    routes: [{ destination: '192.0.2.0/24', gateway: '10.9.0.1' }],
  })
  return { veth, bridge }
}

test('two containers on a bridge reach each other and their gateway, in both families', async () => {
  using host = openNamespace()
  using a = openNamespace()
  using b = openNamespace()
  const { veth, bridge } = connect(host, a, 2)
  connect(host, b, 3)
  assert.deepEqual([veth.up, veth.kind, veth.master, veth.mtu], [true, 'veth', bridge.index, 1500])
  using links = openRtnetlink({ netns: host.fd })
  links.addAddress(bridge.index, { address: '10.9.0.1', prefix: 24 })
  links.addAddress(bridge.index, { address: 'fd09::1', prefix: 64 })
  for (const target of ['10.9.0.1', '10.9.0.3', 'fd09::1', 'fd09::3']) {
    const ping = async () =>
      (await runCommand('nsenter', [`--net=${a.path}`, 'busybox', 'ping', '-c1', '-W1', target])).code === 0
    await waitFor(ping, { what: `an answer of ${target}` })
  }
})

test('a configured interface has its name, hardware address, addresses and routes', () => {
  using host = openNamespace()
  using container = openNamespace()
  connect(host, container, 2)
  using inside = openRtnetlink({ netns: container.fd })
  const link = inside.linkByName('eth0')
  assert.ok(link)
  assert.deepEqual([link.up, link.mac], [true, '02:42:0a:09:00:02'])
  const own = inside.addresses().filter(({ index, scope }) => index === link.index && scope === 0)
  assert.deepEqual(own.map(({ address }) => address).sort(), ['10.9.0.2', 'fd09::2'])
  const main = inside.routes().filter(({ table, index }) => table === 254 && index === link.index)
  const lines = main.map(({ destination, gateway = 'link' }) => `${destination} ${gateway}`)
  for (const line of ['default 10.9.0.1', 'default fd09::1', '192.0.2.0/24 10.9.0.1', '10.9.0.0/24 link']) {
    assert.ok(lines.includes(line), `${line} in ${lines.join(', ')}`)
  }
})

test('a configuration that cannot be says why', () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  links.createBridge({ name: 'br0' })
  assert.throws(() => links.configureInterface({ name: 'nobody', addresses: [] }), /nobody/)
  const addresses = [{ address: '10.9.0.2', prefix: 24 }]
  assert.throws(() => links.configureInterface({ name: 'br0', addresses, gateway: '172.16.0.1' }), {
    code: 'ENETUNREACH',
    message: /configure br0.*Nexthop has invalid gateway/,
  })
})

test('hairpin mode takes effect, and a pair that cannot have it is not left', async () => {
  using host = openNamespace()
  using container = openNamespace()
  connect(host, container, 2)
  assert.match((await host.run('ip', '-d', 'link', 'show', 'veth2')).stdout, /hairpin on/)
  using links = openRtnetlink({ netns: host.fd })
  const pair = { name: 'alone', peer: 'peer', peerNetns: container.fd }
  assert.throws(() => links.createVeth({ ...pair, hairpin: true }), { name: 'KernelError' })
  assert.equal(links.linkByName('alone'), undefined)
  links.createVeth(pair)
  assert.throws(() => links.createVeth({ ...pair, peer: 'other' }), { code: 'EEXIST' })
  assert.throws(() => links.createVeth({ ...pair, name: 'third' }), { code: 'EEXIST' })
})

test('routes to hosts and networks are added in both families', () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  const { index } = links.createBridge({ name: 'br0' })
  links.addRoute({ destination: '10.1.0.0/16', index })
  links.addRoute({ destination: '10.2.0.9', index })
  links.addRoute({ destination: '10.3.0.0/16', gateway: '10.1.0.1' })
  links.addRoute({ destination: 'fd01::/64', index })
  links.addRoute({ gateway: '10.1.0.1' })
  assert.throws(() => links.addRoute({ gateway: '10.1.0.1' }), { code: 'EEXIST' })
  const found = links.routes().map(({ destination, gateway = '' }) => `${destination} ${gateway}`)
  for (const route of ['10.1.0.0/16 ', '10.2.0.9/32 ', '10.3.0.0/16 10.1.0.1', 'fd01::/64 ', 'default 10.1.0.1']) {
    assert.ok(found.includes(route), `${route} in ${found.join(', ')}`)
  }
})

test('a route takes the place of the one to the same destination, or is added', () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  const { index } = links.createBridge({ name: 'br0' })
  links.addRoute({ destination: '10.1.0.0/16', index })
  const gateways = () => links.routes().flatMap((route) => (route.destination === 'default' ? [route.gateway] : []))
  for (const gateway of ['10.1.0.1', '10.1.0.2']) {
    links.replaceRoute({ gateway })
    assert.deepEqual(gateways().filter(Boolean), [gateway])
  }
})

test('isolated ports of a bridge do not reach each other', async () => {
  using host = openNamespace()
  using container = openNamespace()
  using links = openRtnetlink({ netns: host.fd })
  const { index: master } = links.createBridge({ name: 'br0' })
  links.createVeth({ name: 'alone', peer: 'eth0', peerNetns: container.fd, master, isolated: true })
  assert.match((await host.run('ip', '-d', 'link', 'show', 'alone')).stdout, /hairpin off.*isolated on/)
})

test('a host end vanishes when the namespace of its peer does', async () => {
  using host = openNamespace()
  using links = openRtnetlink({ netns: host.fd })
  {
    using container = openNamespace()
    connect(host, container, 2)
  }
  await waitFor(() => links.linkByName('veth2') === undefined, { what: 'the end of the pair' })
})

const MANY = 700

async function createPairs(namespace: Namespace, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => `link add many-a${index} type veth peer many-b${index}`)
  await mustRun('nsenter', [`--net=${namespace.path}`, 'ip', '-batch', '-'], { input: lines.join('\n') })
}

test('lists are complete however many links there are, also while others come and go', async () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  await createPairs(namespace, MANY / 2)
  const lasting = () => links.links().filter(({ name }) => name.startsWith('many')).length
  assert.equal(lasting(), MANY)
  const churn = 'while :; do ip link add passing type bridge; ip link delete passing; done'
  const child = spawn('nsenter', [`--net=${namespace.path}`, 'sh', '-c', churn], { stdio: 'ignore' })
  try {
    await waitFor(() => links.linkByName('passing') !== undefined, { what: 'something comes and goes' })
    for (let round = 0; round < 30; round += 1) assert.equal(lasting(), MANY)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test('more requests at once than a socket has room for answers', () => {
  using namespace = openNamespace()
  using links = openRtnetlink({ netns: namespace.fd })
  links.createBridge({ name: 'br0' })
  const addresses = Array.from({ length: 1000 }, (_, index) => ({
    address: `10.${index >> 8}.${index & 255}.1`,
    prefix: 32,
  }))
  links.configureInterface({ name: 'br0', addresses })
  assert.equal(links.addresses().filter(({ address }) => address.startsWith('10.')).length, 1000)
})

test('a closed socket is closed, once more too', () => {
  using namespace = openNamespace()
  const links = openRtnetlink({ netns: namespace.fd })
  links.close()
  links.close()
  assert.throws(() => links.links(), /closed/)
})
