import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConntrackQuery, flushConntrack, openNft, startThreadPool } from '../../../src/kernel/index.ts'
import { type Namespace, openNamespace } from './lab.ts'

await startThreadPool()

/** Sends one datagram to each of the ports of loopback, in both families. */
async function send(namespace: Namespace, ports: readonly number[]): Promise<void> {
  const script = `
import socket, sys
for port in map(int, sys.argv[1:]):
    for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
        socket.socket(family, socket.SOCK_DGRAM).sendto(b'x', (host, port))`
  await namespace.run('python3', '-c', script, ...ports.map(String))
}

function openTracked(): Namespace {
  const namespace = openNamespace()
  using nft = namespace.inside(openNft)
  // Connections are tracked where a rule asks for them.
  nft.run('add table inet t; add chain inet t c { type filter hook input priority 0; ct state new accept; }')
  return namespace
}

test('flows are forgotten by port, address and protocol, once', async () => {
  using namespace = openTracked()
  const flush = (query: ConntrackQuery) => namespace.inside(() => flushConntrack(query))
  await send(namespace, [5300, 5301, 5302])
  assert.equal(flush({ protocol: 'tcp', hostPorts: new Set([5300]) }), 0)
  assert.equal(flush({ protocol: 'udp', hostPorts: new Set([9, 99]) }), 0)
  assert.equal(flush({ protocol: 'udp', hostPorts: new Set([5300]), address: '192.0.2.1' }), 0)
  assert.equal(flush({ protocol: 'udp', hostPorts: new Set([5300]), address: '0:0:0:0:0:0:0:1' }), 1)
  assert.equal(flush({ protocol: 'udp', hostPorts: new Set([5300, 5301]) }), 3)
  assert.equal(flush({ protocol: 'udp', hostPorts: new Set([5300, 5301]) }), 0)
  assert.equal(flush({ protocol: 'udp', containerAddress: '127.0.0.1' }), 1)
  assert.equal(flush({ protocol: 'udp' }), 1)
})

test('hundreds of flows are found in one list', async () => {
  using namespace = openTracked()
  const ports = Array.from({ length: 900 }, (_, index) => 20_000 + index)
  await send(namespace, ports)
  const flushed = namespace.inside(() => flushConntrack({ protocol: 'udp', hostPorts: new Set(ports) }))
  assert.equal(flushed, 1800)
})
