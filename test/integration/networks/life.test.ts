import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { createClock, createSilentLog, newId, openDatabase, shortId } from '../../../src/base/index.ts'
import {
  closeFd,
  createNetns,
  duplicateFd,
  inNetns,
  openNetns,
  openNft,
  removeNetns,
} from '../../../src/kernel/index.ts'
import { createNetworks } from '../../../src/networks/index.ts'
import { mustRun } from '../../fixtures/command.ts'
import { ask, HOST, inPlace, networkRequest, openLab, portRequest, randomSubnets, sandboxRequest } from './lab.ts'

const SERVE = ['tcp/0.0.0.0/80']

test('the predefined networks are described as docker describes them', async () => {
  await using lab = await openLab({ cidr: '172.29.77.1/24' })
  const { networks } = lab
  assert.deepEqual(
    networks
      .list()
      .map(({ name, driver }) => `${name} ${driver}`)
      .sort(),
    ['bridge bridge', 'host host', 'none null'],
  )
  const bridge = networks.get('bridge')
  assert.match(bridge.id, /^[0-9a-f]{64}$/)
  assert.deepEqual(bridge.ipam, {
    driver: 'default',
    subnets: [{ subnet: '172.29.77.0/24', gateway: '172.29.77.1' }],
    options: {},
  })
  assert.deepEqual(bridge.options, {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
    'com.docker.network.bridge.name': lab.bridge,
    'com.docker.network.driver.mtu': '1500',
  })
  assert.equal(networks.get(bridge.id.slice(0, 8)).id, bridge.id)
  assert.throws(() => networks.get('nowhere'), { kind: 'not-found', message: 'network nowhere not found' })
  const { stdout } = await mustRun('ip', ['-4', '-o', 'address', 'show', lab.bridge])
  assert.match(stdout, /172\.29\.77\.1\/24/)
  await lab.restart()
  assert.deepEqual(lab.networks.get('bridge'), bridge)
})

test('two daemons take different subnets', async () => {
  await using one = await openLab({ cidr: 'any' })
  await using two = await openLab({ cidr: 'any' })
  const [first, second] = [one, two].map(({ networks }) => networks.get('bridge').ipam.subnets[0]?.subnet)
  assert.notEqual(first, second)
})

test('a container’s interface looks as under docker', async () => {
  await using lab = await openLab({ cidr: '172.29.78.1/24' })
  const a = await lab.container('a')
  const [endpoint] = a.sandbox.endpoints
  assert.equal(endpoint?.macAddress, '02:42:ac:1d:4e:02')
  assert.equal(endpoint?.interfaceName, 'eth0')
  const { stdout } = await inPlace(a, 'ip', '-o', 'address')
  assert.match(stdout, /eth0\s+inet 172\.29\.78\.2\/24 brd 172\.29\.78\.255 scope global eth0/)
  assert.match(stdout, /lo\s+inet 127\.0\.0\.1\/8/)
  assert.match(stdout, /lo\s+inet6 ::1\/128/)
  assert.doesNotMatch(stdout, /eth0\s+inet6/)
  const { stdout: routes } = await inPlace(a, 'ip', 'route')
  assert.match(routes, /^default via 172\.29\.78\.1 dev eth0/m)
  const { stdout: links } = await mustRun('ip', ['-o', 'link', 'show', 'master', lab.bridge])
  assert.match(links, new RegExp(`sl${shortId(a.id)}\\w@`))
})

test('modes host and none need no bridge', async () => {
  await using lab = await openLab()
  const { networks } = lab
  const [alone, shared] = [newId(), newId()]
  const none = await networks.open(sandboxRequest(alone, { mode: 'none', attachments: [] }))
  networks.connect(alone)
  const { stdout } = await inPlace({ netns: none.netns }, 'ip', '-o', 'link')
  assert.match(stdout, /^1: lo: .*UP/)
  assert.equal(stdout.trim().split('\n').length, 1)
  const host = await networks.open(
    sandboxRequest(shared, { mode: 'host', attachments: [], ports: [portRequest('0:80')] }),
  )
  networks.connect(shared)
  assert.deepEqual([host.netns, host.ports, host.endpoints.length], [undefined, [], 1])
  assert.deepEqual(
    networks.endpointsOf(networks.get('host').id).map(({ containerId }) => containerId),
    [shared],
  )
  await networks.release(alone)
  await networks.release(shared)
  assert.deepEqual(lab.events, [
    `connect none ${shortId(alone)}`,
    `connect host ${shortId(shared)}`,
    `disconnect none ${shortId(alone)}`,
    `disconnect host ${shortId(shared)}`,
  ])
})

test('a port that is taken is refused with docker’s words and leaves nothing', async () => {
  await using lab = await openLab({ cidr: '172.29.79.1/24' })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  const { port } = server.address() as AddressInfo
  const id = newId()
  const open = (text: string) =>
    lab.networks.open(sandboxRequest(id, { containerName: 'web', ports: [portRequest('0:81'), portRequest(text)] }))
  await assert.rejects(open(`${port}:80`), (error: Error & { kind: string }) => {
    const what = `failed to bind host port for 0.0.0.0:${port}:172.29.79.2:80/tcp: address already in use`
    assert.match(error.message, /^driver failed programming external connectivity on endpoint web \([0-9a-f]{64}\): /)
    assert.ok(error.message.endsWith(what), error.message)
    assert.equal(error.kind, 'internal')
    return true
  })
  server.close()
  const a = await lab.container('a', { ports: [portRequest('0:80')] })
  await assert.rejects(open(`${a.port(80)}:80`), (error: Error) => {
    assert.ok(error.message.endsWith(`Bind for 0.0.0.0:${a.port(80)} failed: port is already allocated`), error.message)
    return true
  })
  assert.equal(lab.networks.sandboxOf(id), undefined)
  assert.deepEqual(readdirSync(join(lab.folder, 'netns')), [shortId(a.id)])
  assert.equal(a.address, '172.29.79.2')
})

test('a port on an ipv6 address is refused for a container without one', async () => {
  await using lab = await openLab()
  const request = { containerPort: 80, protocol: 'tcp', hostAddress: '::1', hostPort: { first: 0, last: 0 } } as const
  await assert.rejects(lab.networks.open(sandboxRequest(newId(), { ports: [request] })), {
    kind: 'internal',
    message: /cannot publish port 80 on \[::1\]: the container has no IPv6 address$/,
  })
})

test('a static address is given once and only within the subnet', async () => {
  await using lab = await openLab()
  const [subnet] = randomSubnets()
  const { name: network } = lab.networks.create(networkRequest('own', subnet))
  const address = subnet.replace(/0\/24$/, '77')
  const a = await lab.container('a', { attachments: [{ network, address, macAddress: '02:00:00:00:00:77' }] })
  assert.equal(a.address, address)
  assert.equal(a.sandbox.endpoints[0]?.macAddress, '02:00:00:00:00:77')
  await assert.rejects(lab.container('b', { attachments: [{ network, address }] }), {
    message: 'Address already in use',
  })
  await assert.rejects(lab.container('b', { attachments: [{ network, address: '10.0.0.1' }] }), { kind: 'invalid' })
  await assert.rejects(lab.container('b', { attachments: [{ address }] }), { kind: 'invalid' })
  await a.stop()
  const c = await lab.container('c', { attachments: [{ network, address }] })
  assert.equal(c.address, address)
})

test('a bridge name that is none is refused', () => {
  const options = { execRoot: '/nowhere', instance: '', clock: createClock(), log: createSilentLog(), emit: () => {} }
  const db = openDatabase(':memory:')
  for (const name of ['', 'a b', 'x'.repeat(16), 'a";drop']) {
    assert.throws(() => createNetworks({ ...options, db, bridge: { name } }), { kind: 'invalid' }, name)
  }
  db.close()
})

test('a port stays reserved while somebody holds its socket', async () => {
  await using lab = await openLab()
  const id = newId()
  const { ports, reservations } = await lab.networks.open(sandboxRequest(id, { ports: [portRequest('0:80')] }))
  // What conmon does: its copy outlives connect.
  const held = reservations.map((fd) => duplicateFd(fd))
  lab.networks.connect(id)
  const listen = () =>
    new Promise<string>((resolve) => {
      const server = createServer()
      server.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? ''))
      server.listen(ports[0]?.hostPort, '0.0.0.0', () => server.close(() => resolve('free')))
    })
  assert.equal(await listen(), 'EADDRINUSE')
  for (const fd of held) closeFd(fd)
  assert.equal(await listen(), 'free')
  await lab.networks.release(id)
})

test('a port of which only ended connections remain can be published', async () => {
  await using lab = await openLab()
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  // The side that ends first keeps the port in TIME_WAIT.
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).resume()
  await once(client, 'end')
  client.end()
  await once(client, 'close')
  await new Promise((resolve) => server.close(resolve))
  const a = await lab.container('a', { ports: [portRequest(`${port}:80`)] })
  assert.equal(a.port(80), port)
})

test('a range of a thousand ports is published in one go', async (t) => {
  await using lab = await openLab()
  const id = newId()
  const ports = Array.from({ length: 1000 }, (_, index) => portRequest(`${21000 + index}:${21000 + index}`))
  const started = performance.now()
  await lab.networks.open(sandboxRequest(id, { ports }))
  const sandbox = lab.networks.connect(id)
  t.diagnostic(`1000 ports opened and published in ${(performance.now() - started).toFixed(0)} ms`)
  assert.equal(sandbox.ports.length, 1000)
  const { stdout } = await mustRun('nft', ['list', 'map', 'ip', lab.table, 'pub_any'])
  assert.equal(stdout.match(/tcp \. /g)?.length, 1000)
  const started2 = performance.now()
  await lab.networks.release(id)
  t.diagnostic(`released in ${(performance.now() - started2).toFixed(0)} ms`)
})

test('a range of host ports for one container port gives its containers one after the other', async () => {
  await using lab = await openLab()
  const request = portRequest('23500-23502:80')
  const containers = [await lab.container('a', { ports: [request] }), await lab.container('b', { ports: [request] })]
  assert.deepEqual(
    containers.map((container) => container.port(80)),
    [23_500, 23_501],
  )
})

test('an adopted port is held as long as the daemon lives', async () => {
  await using lab = await openLab()
  const a = await lab.container('a', { ports: [portRequest('0:80')] })
  const fds = () => readdirSync('/proc/self/fd').length
  await lab.restart()
  const before = fds()
  await lab.networks.reconcile(new Set([a.id]))
  assert.equal(fds(), before + 1)
  const server = createServer()
  const [error] = await once(server.listen(a.port(80), '0.0.0.0'), 'error')
  assert.equal(error.code, 'EADDRINUSE')
  await lab.restart()
  assert.equal(fds(), before)
})

test('the next daemon adopts what runs and takes back what is gone', async () => {
  await using lab = await openLab()
  const stays = await lab.container('stays', { serve: SERVE, ports: [portRequest('0:80')] })
  const goes = await lab.container('goes', { serve: SERVE, ports: [portRequest('0:80')] })
  createNetns(join(lab.folder, 'netns', 'stray'))
  const question = `tcp/127.0.0.1/${stays.port(80)}`
  await lab.restart()
  assert.match(await ask(HOST, question), /^stays /)
  await assert.rejects(
    lab.networks.open(sandboxRequest(newId(), { ports: [portRequest(`${stays.port(80)}:80`)] })),
    /port is already allocated/,
  )
  await lab.networks.reconcile(new Set([stays.id]))
  assert.deepEqual(readdirSync(join(lab.folder, 'netns')), [shortId(stays.id)])
  assert.match(await ask(HOST, question), /^stays /)
  assert.match(await ask(HOST, `tcp/127.0.0.1/${goes.port(80)}`), /refused|silence/)
  const { stdout } = await mustRun('nft', ['list', 'map', 'ip', lab.table, 'pub_any'])
  assert.equal(stdout.match(/tcp \. /g)?.length, 1)
  const next = await lab.container('next')
  assert.equal(next.address, goes.address)
  await stays.stop()
  assert.match(await ask(HOST, question), /refused|silence/)
})

test('rules that somebody flushed are back with the next container', async () => {
  await using lab = await openLab()
  const a = await lab.container('a', { serve: SERVE, ports: [portRequest('0:80')] })
  await mustRun('nft', ['delete', 'table', 'ip', lab.table])
  const b = await lab.container('b', { serve: SERVE, ports: [portRequest('0:80')] })
  assert.match(await ask(HOST, `tcp/127.0.0.1/${a.port(80)}`), /^a /)
  assert.match(await ask(HOST, `tcp/127.0.0.1/${b.port(80)}`), /^b /)
})

test('an interface that lost its bridge is put back', async () => {
  await using lab = await openLab()
  const a = await lab.container('a', { serve: SERVE, ports: [portRequest('0:80')] })
  await mustRun('ip', ['link', 'delete', lab.bridge])
  await lab.restart()
  await lab.networks.reconcile(new Set([a.id]))
  assert.match(await ask(HOST, `tcp/127.0.0.1/${a.port(80)}`), /^a /)
})

test('fifty containers one after the other leave nothing and take little time', async (t) => {
  await using lab = await openLab()
  const fds = () => readdirSync('/proc/self/fd').length
  const before = fds()
  const times: Record<string, number[]> = { open: [], connect: [], release: [] }
  for (let round = 0; round < 50; round += 1) {
    const id = newId()
    const marks = [performance.now()]
    await lab.networks.open(sandboxRequest(id, { ports: [portRequest('0:80')] }))
    marks.push(performance.now())
    lab.networks.connect(id)
    marks.push(performance.now())
    await lab.networks.release(id)
    marks.push(performance.now())
    for (const [index, list] of Object.values(times).entries()) list.push((marks[index + 1] ?? 0) - (marks[index] ?? 0))
  }
  const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[25] ?? 0
  const all = Object.entries(times).map(([name, list]) => `${name} ${median(list).toFixed(2)}`)
  t.diagnostic(`medians of 50 in ms: ${all.join(', ')}`)
  assert.equal(fds(), before)
  assert.deepEqual(readdirSync(join(lab.folder, 'netns')), [])
  const { stdout } = await mustRun('nft', ['list', 'map', 'ip', lab.table, 'pub_any'])
  assert.doesNotMatch(stdout, /elements/)
  assert.equal(lab.events.length, 100)
})

test('a firewall that drops what is forwarded is told of', async () => {
  await using lab = await openLab()
  const path = join(lab.folder, 'netns', 'ufw')
  createNetns(path)
  const fd = openNetns(path)
  try {
    inNetns(fd, () => {
      using nft = openNft()
      assert.deepEqual(lab.networks.warnings(), [])
      nft.run(
        'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority filter; policy drop; }',
      )
      const [warning, ...more] = lab.networks.warnings()
      assert.match(warning ?? '', /chain FORWARD of table ip filter drops forwarded packets/)
      assert.deepEqual(more, [])
      nft.run(`add rule ip filter FORWARD iifname "${lab.bridge}" accept`)
      assert.deepEqual(lab.networks.warnings(), [])
    })
  } finally {
    closeFd(fd)
    removeNetns(path)
  }
})

test('the files for name resolution are those of the host', async () => {
  await using lab = await openLab({ cidr: '172.29.80.1/24' })
  const a = await lab.container('a')
  const nothing = { dns: [], search: [], options: [] }
  assert.match(lab.networks.resolvConf({ mode: 'bridge', ...nothing }), /^nameserver /m)
  const hosts = { hostname: 'web', domainname: '', endpoints: a.sandbox.endpoints }
  const extra = ['host.docker.internal:host-gateway']
  assert.match(
    lab.networks.hosts({ mode: 'bridge', ...hosts, extra }),
    /^172\.29\.80\.1\thost\.docker\.internal\n172\.29\.80\.2\tweb\n$/m,
  )
  assert.equal(lab.networks.hosts({ mode: 'host', ...hosts, extra: [] }), readFileSync('/etc/hosts', 'utf8'))
})
