import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../contract.ts'
import { createDirectory, type Listed } from './directory.ts'

function guest(containerName: string, ...places: [network: string, address: string, ...aliases: string[]][]): Listed {
  const endpoints = places.map(
    ([networkName, address, ...aliases]): Endpoint => ({
      id: `${containerName}-${networkName}`,
      networkId: networkName,
      networkName,
      containerId: containerName,
      interfaceName: 'eth0',
      hostInterface: 'sl0',
      macAddress: '',
      address,
      prefix: 16,
      gateway: networkName === 'inner' ? '' : '10.0.0.1',
      address6: '',
      prefix6: 0,
      gateway6: '',
      dnsNames: networkName === 'bridge' ? [] : [containerName, ...aliases],
    }),
  )
  return { containerId: containerName, containerName, endpoints }
}

test('names are known on shared networks alone', () => {
  const list = [
    guest('web', ['one', '10.1.0.2', 'Front']),
    guest('db', ['one', '10.1.0.3'], ['two', '10.2.0.3']),
    guest('far', ['two', '10.2.0.2']),
  ]
  const directory = createDirectory(() => list)
  const web = directory.zoneOf('web')
  assert.deepEqual(web.addressesOf('db'), ['10.1.0.3'])
  assert.deepEqual(web.addressesOf('DB'), ['10.1.0.3'])
  assert.deepEqual(directory.zoneOf('db').addressesOf('front'), ['10.1.0.2'])
  assert.equal(web.knows('far'), false)
  assert.deepEqual(web.addressesOf('db.one'), ['10.1.0.3'])
  assert.equal(web.knows('db.two'), false)
  assert.equal(web.nameOf('10.1.0.3'), 'db.one')
  assert.equal(web.nameOf('10.2.0.3'), undefined)
  assert.equal(directory.zoneOf('nobody').knows('db'), false)
})

test('several containers behind one alias take turns', () => {
  const list = [guest('a', ['one', '10.1.0.2', 'search']), guest('b', ['one', '10.1.0.3', 'search'])]
  const zone = createDirectory(() => list).zoneOf('a')
  const first = [zone.addressesOf('search')?.[0], zone.addressesOf('search')?.[0]]
  assert.deepEqual(first.sort(), ['10.1.0.2', '10.1.0.3'])
})

test('the default bridge has no names, and an internal network leads nowhere', () => {
  const list = [
    guest('a', ['bridge', '10.1.0.2']),
    guest('b', ['bridge', '10.1.0.3']),
    guest('c', ['inner', '10.3.0.2']),
  ]
  const directory = createDirectory(() => list)
  assert.equal(directory.zoneOf('a').knows('b'), false)
  assert.equal(directory.zoneOf('a').nameOf('10.1.0.3'), undefined)
  assert.equal(directory.zoneOf('a').mayForward, true)
  assert.equal(directory.zoneOf('c').mayForward, false)
})

test('who comes later is found once the directory knows', () => {
  const list = [guest('a', ['one', '10.1.0.2'])]
  const directory = createDirectory(() => list)
  assert.equal(directory.zoneOf('a').knows('b'), false)
  list.push(guest('b', ['one', '10.1.0.3']))
  directory.invalidate()
  assert.deepEqual(directory.zoneOf('a').addressesOf('b'), ['10.1.0.3'])
})
