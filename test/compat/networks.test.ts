import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { type Answer, decode, encode } from 'dns-packet'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { fetchPage, SERVE_PAGE } from '../fixtures/page.ts'
import { waitFor } from '../fixtures/wait-for.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

const inspect = async (kind: 'network' | 'container', name: string, template: string): Promise<string> =>
  daemon.output([kind, 'inspect', '-f', template, name])

/** What docker refuses with, without its own first words. */
async function refusal(...args: string[]): Promise<string> {
  const { code, stderr } = await daemon.docker(args)
  assert.notEqual(code, 0, args.join(' '))
  const [first = ''] = stderr.replace(/^(?:docker: )?Error response from daemon: /, '').split(/\nexit status|\n\nRun /)
  return first.trim()
}

async function serve(name: string, ...flags: string[]): Promise<void> {
  await daemon.output(['run', '-d', '--name', name, '--hostname', name, ...flags, 'busybox', ...SERVE_PAGE])
}

/** The page that `from` gets from `host`, or `nothing`. */
async function fetchFrom(from: string, host: string): Promise<string> {
  const get = ['timeout', '3', 'wget', '-q', '-O', '-', `http://${host}/`]
  const { code, stdout } = await daemon.docker(['exec', from, ...get])
  return code === 0 ? stdout.trim() : 'nothing'
}

test('a network of one’s own gives addresses, and a running container joins a second one', async () => {
  await daemon.output(['network', 'create', 'my_app_net'])
  const [subnet = '', gateway = ''] = (
    await inspect('network', 'my_app_net', '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}')
  ).split(' ')
  assert.match(subnet, /^(?:172\.\d+\.0\.0\/16|192\.168\.\d+\.0\/20)$/)
  assert.equal(gateway, subnet.replace(/0\/\d+$/, '1'))
  await serve('app', '--network', 'my_app_net', '--network-alias', 'front')
  const place = await inspect('container', 'app', '{{with .NetworkSettings.Networks.my_app_net}}{{json .}}{{end}}')
  const { IPAddress, Gateway, IPPrefixLen, Aliases, DNSNames } = JSON.parse(place)
  const id = (await inspect('container', 'app', '{{.Id}}')).slice(0, 12)
  assert.deepEqual(
    { IPAddress, Gateway, Aliases, DNSNames },
    {
      IPAddress: gateway.replace(/1$/, '2'),
      Gateway: gateway,
      Aliases: ['front'],
      DNSNames: ['app', 'front', id],
    },
  )
  const listed = await inspect('network', 'my_app_net', '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}')
  assert.equal(listed, `app ${IPAddress}/${IPPrefixLen}`)

  await daemon.output(['network', 'create', '--subnet', '10.215.7.0/24', '--aux-address', 'a=10.215.7.2', 'second_net'])
  await daemon.output(['network', 'connect', '--alias', 'other', 'second_net', 'app'])
  const networks = await inspect(
    'container',
    'app',
    '{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}} {{end}}',
  )
  assert.equal(networks.trim(), `my_app_net=${IPAddress} second_net=10.215.7.3`)
  const addresses = await daemon.output(['exec', 'app', 'ip', '-4', '-o', 'addr'])
  assert.match(addresses, new RegExp(`eth0 +inet ${IPAddress.replaceAll('.', '\\.')}/`))
  assert.match(addresses, /eth1 +inet 10\.215\.7\.3\/24/)
  assert.match(await daemon.output(['exec', 'app', 'cat', '/etc/hosts']), /\n10\.215\.7\.3\tapp$/)

  await daemon.output(['network', 'disconnect', 'second_net', 'app'])
  assert.doesNotMatch(await daemon.output(['exec', 'app', 'cat', '/etc/hosts']), /10\.215\.7/)
  assert.doesNotMatch(await daemon.output(['exec', 'app', 'ip', '-4', '-o', 'addr']), /eth1/)
  await daemon.output(['rm', '-f', 'app'])
  await daemon.output(['network', 'rm', 'my_app_net', 'second_net'])
})

test('what cannot be is refused in docker’s words', async () => {
  await daemon.output(['network', 'create', '--subnet', '10.215.8.0/24', 'taken'])
  await daemon.output(['network', 'create', 'pooled'])
  const cases: [string[], string | RegExp][] = [
    [['create', 'taken'], 'network with name taken already exists'],
    [
      ['create', '--subnet', '10.215.8.128/25', 'x'],
      'invalid pool request: Pool overlaps with other one on this address space',
    ],
    [
      ['create', '--subnet', '10.215.9.1/24', 'x'],
      'invalid network config:\ninvalid subnet 10.215.9.1/24: it should be 10.215.9.0/24',
    ],
    [['create', 'bridge'], 'operation is not permitted on predefined bridge network'],
    [['rm', 'bridge'], 'bridge is a pre-defined network and cannot be removed'],
    [['rm', 'nowhere'], 'network nowhere not found'],
  ]
  for (const [args, why] of cases) assert.equal(await refusal('network', ...args), why)
  await serve('one', '--network', 'taken', '--ip', '10.215.8.50')
  const active = await refusal('network', 'rm', 'taken')
  assert.match(
    active,
    /^error while removing network: network taken has active endpoints \(name:"one" id:"[0-9a-f]{12}"\)/,
  )
  const run = ['run', '--rm', '--network']
  assert.match(await refusal(...run, 'taken', '--ip', '10.215.8.50', 'busybox'), /Address already in use/)
  assert.match(await refusal(...run, 'pooled', '--ip', '10.1.1.1', 'busybox'), /networks with user configured subnets/)
  assert.match(await refusal(...run, 'bridge', '--ip', '10.1.1.1', 'busybox'), /on user defined networks only/)
  assert.match(await refusal(...run, 'nowhere', 'busybox'), /network nowhere not found/)
  assert.match(
    await refusal('network', 'connect', 'taken', 'one'),
    /endpoint with name one already exists in network taken/,
  )
  assert.match(await refusal('network', 'disconnect', 'pooled', 'one'), /is not connected to network pooled/)
  assert.match(await refusal('network', 'connect', 'host', 'one'), /cannot be disconnected from host network/)
  await daemon.output(['rm', '-f', 'one'])
  assert.equal(await daemon.output(['network', 'prune', '-f', '--filter', 'label=nobody']), '')
  assert.equal(await daemon.output(['network', 'prune', '-f']), 'Deleted Networks:\ntaken\npooled\n')
})

test('a stopped container is connected at its next start', async () => {
  await daemon.output(['network', 'create', 'later'])
  await daemon.output(['create', '--name', 'still', 'busybox', 'sleep', '100'])
  await daemon.output(['network', 'connect', 'later', 'still'])
  await daemon.output(['network', 'disconnect', 'bridge', 'still'])
  await daemon.output(['start', 'still'])
  assert.equal(
    await inspect('container', 'still', '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}'),
    'later ',
  )
  assert.match(await daemon.output(['exec', 'still', 'ip', '-4', '-o', 'addr']), /eth0/)
  await daemon.output(['rm', '-f', 'still'])
  await daemon.output(['network', 'rm', 'later'])
})

test('events tell of networks', async () => {
  const since = String(Date.now() / 1000)
  await daemon.output(['network', 'create', 'told'])
  await daemon.output(['run', '--rm', '--network', 'told', 'busybox', 'true'])
  await daemon.output(['network', 'rm', 'told'])
  const until = String(Date.now() / 1000)
  const format = ['--filter', 'type=network', '--format', '{{.Action}} {{.Actor.Attributes.name}}']
  assert.deepEqual((await daemon.output(['events', '--since', since, '--until', until, ...format])).split('\n'), [
    'create told',
    'connect told',
    'disconnect told',
    'destroy told',
  ])
})

test('networks and who is on them outlive the daemon, and nobody reaches another network', async () => {
  await daemon.output(['network', 'create', 'left'])
  await daemon.output(['network', 'create', 'right'])
  await serve('l1', '--network', 'left', '-p', '127.0.0.1::80')
  await serve('l2', '--network', 'left')
  await serve('r1', '--network', 'right')
  const address = await inspect('container', 'l1', '{{.NetworkSettings.Networks.left.IPAddress}}')
  const port = (await daemon.output(['port', 'l1', '80/tcp'])).split(':').at(-1)
  const check = async () => {
    const page = async (): Promise<boolean> => (await fetchFrom('l2', address)) === 'page of l1'
    await waitFor(page, { what: 'the page of the neighbour' })
    assert.equal(await fetchFrom('r1', address), 'nothing')
    assert.equal(await fetchPage(`127.0.0.1:${port}`), 'page of l1')
  }
  await check()
  await daemon.kill9()
  await daemon.restart()
  await check()
  const names = await daemon.output(['network', 'ls', '--format', '{{.Name}}', '--filter', 'type=custom'])
  assert.deepEqual(names.split('\n').sort(), ['left', 'right'])
  await daemon.output(['rm', '-f', 'l1', 'l2', 'r1'])
  await daemon.output(['network', 'rm', 'left', 'right'])
})

/** Addresses that busybox nslookup finds, in their order. */
async function lookUp(from: string, name: string): Promise<string[]> {
  const { stdout } = await daemon.docker(['exec', from, 'nslookup', '-type=a', name])
  return [...stdout.matchAll(/^Address: ([\d.]+)$/gm)].map(([, address = '']) => address)
}

test('an alias of two containers is both, in turns, and names are known on shared networks alone', async () => {
  await daemon.output(['network', 'create', 'dude'])
  await daemon.output(['network', 'create', 'elsewhere'])
  await serve('s1', '--net', 'dude', '--net-alias', 'search')
  await serve('s2', '--net', 'dude', '--net-alias', 'search')
  await serve('stranger', '--net', 'elsewhere')
  await daemon.output(['run', '-d', '--name', 'asker', '--net', 'dude', 'busybox', 'sleep', '1000'])
  const address = (name: string) =>
    inspect('container', name, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')
  const both = [await address('s1'), await address('s2')].sort()
  const found = await lookUp('asker', 'search')
  assert.deepEqual(found.toSorted(), both)
  assert.notDeepEqual(await lookUp('asker', 'search'), found)
  const pages = new Set<string>()
  await waitFor(
    async () => pages.add(await fetchFrom('asker', 'search')) && pages.has('page of s1') && pages.has('page of s2'),
    {
      what: 'a page of each',
    },
  )
  const id = (await inspect('container', 's1', '{{.Id}}')).slice(0, 12)
  for (const name of ['s1', 's1.dude', id]) assert.deepEqual(await lookUp('asker', name), [await address('s1')], name)
  assert.deepEqual(await lookUp('stranger', 's1'), [])
  const reverse = await daemon.output(['exec', 'asker', 'nslookup', both[0] ?? ''])
  assert.match(reverse, /name = s[12]\.dude/)
  const resolvConf = await daemon.output(['exec', 'asker', 'cat', '/etc/resolv.conf'])
  assert.match(resolvConf, /^nameserver 127\.0\.0\.11$/m)
  assert.match(resolvConf, /^options .*ndots:0$/m)

  await daemon.output(['rename', 's2', 'renamed'])
  assert.deepEqual(await lookUp('asker', 'renamed'), [await address('renamed')])
  await daemon.output(['rm', '-f', 'renamed'])
  assert.deepEqual(await lookUp('asker', 'search'), [await address('s1')])
  await daemon.kill9()
  await daemon.restart()
  assert.deepEqual(await lookUp('asker', 's1'), [await address('s1')])
  await daemon.output(['network', 'connect', '--alias', 'guest', 'elsewhere', 's1'])
  assert.equal(await fetchFrom('stranger', 'guest'), 'page of s1')
  await daemon.output(['rm', '-f', 's1', 'stranger', 'asker'])
  await daemon.output(['network', 'rm', 'dude', 'elsewhere'])
})

test('other names are asked for outside, and a container may serve names itself', async () => {
  await using outside = await nameServer()
  await daemon.output(['network', 'create', 'open'])
  await daemon.output(['network', 'create', '--internal', 'closed'])
  const run = (network: string, dns: string) => ['run', '--rm', '--network', network, '--dns', dns, 'busybox']
  const ask = ['nslookup', '-type=a', 'a.example']
  assert.match(await daemon.output([...run('open', outside.address), ...ask]), /Address: 192\.0\.2\.7/)
  const inner = await daemon.docker([...run('closed', outside.address), ...ask])
  assert.match(inner.stdout + inner.stderr, /SERVFAIL/)
  const dead = await daemon.docker([...run('open', '127.99.99.98'), ...ask])
  assert.match(dead.stdout + dead.stderr, /SERVFAIL/)
  const own = 'httpd -p 0.0.0.0:53 && netstat -lnt'
  const ports = await daemon.output([...run('open', outside.address), 'sh', '-c', own])
  assert.match(ports, / 0\.0\.0\.0:53 /)
  await daemon.output(['network', 'rm', 'open', 'closed'])
})

/** A name server of the host's that knows one name. */
async function nameServer() {
  const address = `127.${20 + Math.floor(Math.random() * 200)}.${Math.floor(Math.random() * 250)}.9`
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    const { id, questions = [] } = decode(bytes)
    const answers = questions.map(({ name }): Answer => ({ type: 'A', name, data: '192.0.2.7', ttl: 1 }))
    socket.send(
      encode({ type: 'response', ...(id !== undefined && { id }), questions, answers }),
      from.port,
      from.address,
    )
  })
  socket.bind(53, address)
  await once(socket, 'listening')
  return { address, [Symbol.asyncDispose]: async () => void socket.close() }
}

test('slipway does with networks what docker does', async () => {
  const slipway = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await daemon.slipway(['network', ...args])
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  const range = ['--ip-range', '10.215.11.128/25', '--gateway', '10.215.11.1']
  const id = await slipway('create', '--subnet', '10.215.11.0/24', ...range, '--label', 'who=me', 'ours')
  assert.match(id, /^[0-9a-f]{64}$/)
  assert.equal(
    await slipway('inspect', '-f', '{{json .IPAM.Config}}', 'ours'),
    await daemon.output(['network', 'inspect', '-f', '{{json .IPAM.Config}}', 'ours']),
  )
  await daemon.output(['run', '-d', '--name', 'member', 'busybox', 'sleep', '100'])
  await slipway('connect', '--ip', '10.215.11.9', '--alias', 'm', 'ours', 'member')
  const place = '{{with .NetworkSettings.Networks.ours}}{{.IPAddress}} {{.Aliases}} {{.IPAMConfig.IPv4Address}}{{end}}'
  assert.equal(await inspect('container', 'member', place), '10.215.11.9 [m] 10.215.11.9')
  const again = await daemon.slipway(['network', 'connect', 'ours', 'member'])
  assert.match(again.stderr, /endpoint with name member already exists in network ours/)
  await slipway('disconnect', 'ours', 'member')
  assert.equal(await slipway('ls'), await daemon.output(['network', 'ls']))
  assert.equal(await slipway('ls', '-q', '--filter', 'label=who=me'), id.slice(0, 12))
  assert.equal(await slipway('rm', 'ours'), 'ours')
  await slipway('create', 'unused')
  assert.equal(await slipway('prune', '-f'), 'Deleted Networks:\nunused')
  await daemon.output(['rm', '-f', 'member'])
})
