import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { closeFd, openUdpTcpPair, type PortAddress, reservePort } from '../../../src/kernel/index.ts'
import { openFds } from './lab.ts'

function hold(place: PortAddress): { readonly port: number } & Disposable {
  const { fd, port } = reservePort(place)
  return { port, [Symbol.dispose]: () => closeFd(fd) }
}

for (const protocol of ['tcp', 'udp'] as const) {
  test(`a reserved ${protocol} port is nobody else’s until it is given back`, () => {
    const place = { address: '127.0.0.1', protocol }
    const { fd, port } = reservePort({ ...place, port: 0 })
    const fds = openFds()
    assert.ok(port > 0)
    assert.throws(() => reservePort({ ...place, port }), { code: 'EADDRINUSE', path: `127.0.0.1:${port}` })
    assert.throws(() => reservePort({ ...place, address: '0.0.0.0', port }), { code: 'EADDRINUSE' })
    assert.deepEqual(openFds(), fds)
    closeFd(fd)
    using again = hold({ ...place, port })
    assert.equal(again.port, port)
  })

  test(`a ${protocol} port of one family or address leaves those of others alone`, () => {
    using six = hold({ address: '::', port: 0, protocol })
    using four = hold({ address: '0.0.0.0', port: six.port, protocol })
    using own = hold({ address: '127.0.0.1', port: 0, protocol })
    using other = hold({ address: '127.0.0.2', port: own.port, protocol })
    assert.deepEqual([four.port, other.port], [six.port, own.port])
  })
}

test('a reserved port refuses connections, and servers cannot take it', async () => {
  using reserved = hold({ address: '127.0.0.1', port: 0, protocol: 'tcp' })
  const [refused] = (await once(net.connect(reserved.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
  assert.equal(refused.code, 'ECONNREFUSED')
  const [taken] = (await once(net.createServer().listen(reserved.port, '0.0.0.0'), 'error')) as [NodeJS.ErrnoException]
  assert.equal(taken.code, 'EADDRINUSE')
})

test('a port on which connections have just ended can be reserved, and keeps servers off', async () => {
  const server = net.createServer((socket) => socket.resume().end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // The side that ends first is the one that waits: the server's.
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  client.resume()
  await once(client, 'end')
  client.end()
  await once(client, 'close')
  server.close()
  await once(server, 'close')
  using reserved = hold({ address: '127.0.0.1', port, protocol: 'tcp' })
  assert.equal(reserved.port, port)
  const [taken] = (await once(net.createServer().listen(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
  assert.equal(taken.code, 'EADDRINUSE')
})

test('addresses that this host does not have are refused, and text that is none', () => {
  const fds = openFds()
  const place = { port: 0, protocol: 'tcp' } as const
  assert.throws(() => reservePort({ ...place, address: '192.0.2.1' }), { code: 'EADDRNOTAVAIL' })
  assert.throws(() => reservePort({ ...place, address: 'localhost' }), TypeError)
  assert.deepEqual(openFds(), fds)
})

for (const address of ['127.0.0.1', '::1']) {
  test(`one port of ${address} is had for UDP and TCP, as Node's servers take it`, async () => {
    const { port, udpFd, tcpFd } = openUdpTcpPair(address)
    const udp = dgram.createSocket(address === '::1' ? 'udp6' : 'udp4').bind({ fd: udpFd })
    const tcp = net.createServer((socket) => socket.resume().end('hello')).listen({ fd: tcpFd })
    await once(tcp, 'listening')
    assert.deepEqual([udp.address().port, (tcp.address() as AddressInfo).port], [port, port])
    assert.equal(Buffer.concat(await Array.fromAsync(net.connect(port, address))).toString(), 'hello')
    udp.close()
    tcp.close()
  })
}
