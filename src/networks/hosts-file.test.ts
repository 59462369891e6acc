import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderHosts } from './hosts-file.ts'

const base = {
  hostname: 'web',
  domainname: '',
  addresses: ['172.17.0.2'],
  extra: [],
  hostGateway: '172.17.0.1',
  ipv6: true,
}

test('a container finds itself and the loopback names', () => {
  assert.equal(
    renderHosts(base),
    `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
172.17.0.2\tweb
`,
  )
})

test('a full name is followed by the bare one', () => {
  assert.match(renderHosts({ ...base, domainname: 'example.org' }), /^172\.17\.0\.2\tweb\.example\.org web$/m)
  assert.match(renderHosts({ ...base, hostname: 'db.internal' }), /^172\.17\.0\.2\tdb\.internal db$/m)
})

test('extra entries come before the container’s own', () => {
  const text = renderHosts({
    ...base,
    ipv6: false,
    extra: ['api:10.0.0.7', 'six:fd00::7', 'host.docker.internal:host-gateway'],
  })
  assert.equal(
    text,
    '127.0.0.1\tlocalhost\n10.0.0.7\tapi\nfd00::7\tsix\n172.17.0.1\thost.docker.internal\n172.17.0.2\tweb\n',
  )
})

test('an extra entry without a good address is refused', () => {
  for (const extra of ['api', 'api:', 'api:nowhere', ':10.0.0.7']) {
    assert.throws(() => renderHosts({ ...base, extra: [extra] }), { kind: 'invalid' }, extra)
  }
  assert.throws(() => renderHosts({ ...base, hostGateway: undefined, extra: ['h:host-gateway'] }), {
    message: 'unable to derive the IP value for host-gateway',
  })
})
