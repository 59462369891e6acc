import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSysctl, sysctlPath } from './sysctl.ts'

test('dots and slashes change places', () => {
  assert.equal(sysctlPath('net.ipv4.ip_forward'), '/proc/sys/net/ipv4/ip_forward')
  assert.equal(sysctlPath('net.ipv4.conf.eth0/100.forwarding'), '/proc/sys/net/ipv4/conf/eth0.100/forwarding')
})

test('a name that would lead elsewhere is refused', () => {
  for (const name of ['', '.', 'net..x', '/.x', '//.//.etc', 'net.//', '.net']) {
    assert.throws(() => sysctlPath(name), TypeError, name)
  }
})

test('a value comes without its newline, an unknown parameter not at all', () => {
  assert.match(readSysctl('kernel.ostype') ?? '', /^Linux$/)
  assert.equal(readSysctl('kernel.no_such_parameter'), undefined)
})
