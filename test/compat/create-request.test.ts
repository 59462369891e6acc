import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { runCommand } from '../fixtures/command.ts'

const slipway = resolve(import.meta.dirname, '../../bin/slipway')
const folder = mkdtempSync(join(tmpdir(), 'slipway-create-'))
const socket = join(folder, 'd.sock')

/** Takes the one request that matters and answers as if the container had been made. */
let requests: { path: string; body: unknown }[] = []
const server = createServer(async (request, response) => {
  const path = (request.url ?? '').replace(/^\/v[\d.]+/, '')
  response.setHeader('Api-Version', '1.51')
  response.setHeader('Ostype', 'linux')
  response.setHeader('Content-Type', 'application/json')
  const bytes = Buffer.concat(await Array.fromAsync(request))
  if (path.startsWith('/containers/create')) {
    requests.push({ path, body: JSON.parse(bytes.toString()) })
    response.statusCode = 201
    response.end('{"Id":"0123456789ab","Warnings":[]}')
  } else response.end('{}')
})

before(() => new Promise<void>((done) => void server.listen(socket, done)))
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

writeFileSync(join(folder, 'env'), '# comment\nA=1\n\nB=two words\nHOME\n')
writeFileSync(join(folder, 'labels'), 'x=1\ny\n')
writeFileSync(join(folder, 'profile.json'), '{ "defaultAction": "SCMP_ACT_ALLOW" }')

const LINES: readonly (readonly string[])[] = [
  ['busybox'],
  ['busybox', 'echo', '-n', 'hi'],
  ['--name', 'x', '-it', 'busybox', 'sh'],
  ['-i', 'busybox', 'cat'],
  ['-a', 'stdout', 'busybox'],
  ['-e', 'A=1', '--env', 'HOME', '-e', 'UNSET_VARIABLE_X', '-e', 'E=', 'busybox'],
  ['--env-file', join(folder, 'env'), '-e', 'A=2', 'busybox'],
  ['-l', 'a=b', '--label', 'c', '--label-file', join(folder, 'labels'), 'busybox'],
  ['-p', '8080:80', 'busybox'],
  ['-p', '80', '-p', '127.0.0.1:81:82/udp', '-p', '127.0.0.1::83', 'busybox'],
  ['-p', '8000-8002:80-82', '-p', '9000-9005:90', 'busybox'],
  ['-p', '[::1]:8080:80', 'busybox'],
  ['-P', '--expose', '80', '--expose', '90-92/udp', 'busybox'],
  ['-v', '/a:/b', '-v', 'vol:/c:ro', '-v', '/anonymous', 'busybox'],
  ['--mount', 'type=bind,source=/a,target=/b,readonly', 'busybox'],
  [
    '--mount',
    'type=volume,src=v,dst=/c,volume-nocopy',
    '--mount',
    'type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770',
    'busybox',
  ],
  ['--mount', 'src=v,dst=/c,volume-label=a=b,volume-opt=o=x,volume-driver=local', 'busybox'],
  ['--mount', 'type=bind,src=/a,dst=/b,bind-propagation=rslave,bind-recursive=disabled', 'busybox'],
  ['--tmpfs', '/t', '--tmpfs', '/u:size=1m,mode=755', 'busybox'],
  ['-m', '64m', '--memory-swap', '-1', '--memory-reservation', '32m', '--memory-swappiness', '10', 'busybox'],
  ['--cpus', '1.5', '-c', '512', '--cpuset-cpus', '0-1', '--cpuset-mems', '0', 'busybox'],
  ['--cpu-period', '50000', '--cpu-quota', '25000', '--pids-limit', '10', 'busybox'],
  ['--ulimit', 'nofile=10:20', '--ulimit', 'core=-1', '--oom-kill-disable', '--oom-score-adj', '5', 'busybox'],
  ['--cap-add', 'NET_ADMIN', '--cap-drop', 'ALL', '--privileged', '--read-only', 'busybox'],
  ['--security-opt', 'no-new-privileges', '--security-opt', 'seccomp=unconfined', 'busybox'],
  ['--security-opt', `seccomp=${join(folder, 'profile.json')}`, 'busybox'],
  ['--security-opt', 'systempaths=unconfined', 'busybox'],
  ['--restart', 'on-failure:3', 'busybox'],
  ['--restart', 'unless-stopped', '--init', 'busybox'],
  ['--rm', '--stop-signal', 'SIGINT', '--stop-timeout', '3', 'busybox'],
  ['-w', '/w', '-u', '1:2', '--group-add', 'audio', '-h', 'host', '--domainname', 'd', 'busybox'],
  ['--entrypoint', '/bin/x', 'busybox', 'a'],
  ['--entrypoint', '', 'busybox', 'a'],
  ['--network', 'host', 'busybox'],
  ['--net', 'mine', '--network-alias', 'db', '--net-alias', 'db2', '--ip', '10.0.0.5', 'busybox'],
  ['--mac-address', '02:42:ac:11:00:05', 'busybox'],
  ['--dns', '1.1.1.1', '--dns-search', 'x', '--dns-option', 'ndots:1', '--add-host', 'a:1.2.3.4', 'busybox'],
  ['--pid', 'host', '--ipc', 'host', '--uts', 'host', '--userns', 'host', '--cgroupns', 'private', 'busybox'],
  ['--shm-size', '1g', '--sysctl', 'net.a=1', '--annotation', 'k=v', '--runtime', 'crun', 'busybox'],
  [
    '--device',
    '/dev/null',
    '--device',
    '/dev/a:/dev/b:r',
    '--device',
    '/dev/c:rw',
    '--device-cgroup-rule',
    'c 1:3 rwm',
    'busybox',
  ],
  ['--log-driver', 'json-file', '--log-opt', 'max-size=1m', 'busybox'],
  ['--health-cmd', 'true', '--health-interval', '1m30s', '--health-retries', '2', 'busybox'],
  ['--no-healthcheck', 'busybox'],
  ['--link', 'a:b', '--volumes-from', 'c:ro', '--cgroup-parent', '/p', '--volume-driver', 'local', 'busybox'],
  ['--storage-opt', 'size=1g', 'busybox'],
]

/** The clients differ in which empty fields they spell out; the daemon takes them all as not given. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, entry]) => [name, withoutEmpty(entry)] as const)
  return Object.fromEntries(entries.filter(([name, entry]) => (KEPT.has(name) && entry !== null) || !isEmpty(entry)))
}

/** Fields whose empty values mean something. */
const KEPT: ReadonlySet<string> = new Set([
  'Entrypoint',
  'MaskedPaths',
  'ReadonlyPaths',
  'ExposedPorts',
  'Volumes',
  'Labels',
])

function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === false || value === undefined) return true
  return typeof value === 'object' && Object.keys(value as object).length === 0
}

async function requestOf(program: string, args: readonly string[]): Promise<unknown> {
  requests = []
  const env = { PATH: process.env.PATH, HOME: '/root', DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: folder }
  const { code, stderr, stdout } = await runCommand(program, ['create', ...args], { env })
  assert.equal(code, 0, `${program} create ${args.join(' ')}: ${stderr}${stdout}`)
  const [request] = requests
  assert.ok(request, 'a create request was sent')
  const body = withoutEmpty(request.body) as {
    HostConfig: { Binds?: string[]; ConsoleSize?: unknown }
    Env?: string[]
  }
  // The docker client goes through maps: the order of variables and binds is chance.
  body.Env?.sort()
  body.HostConfig.Binds?.sort()
  // Both depend on the terminal of the process, which a test has not got.
  delete body.HostConfig.ConsoleSize
  return { path: request.path.replace(/\?$/, ''), body }
}

for (const line of LINES) {
  test(`create ${line.join(' ').replaceAll(folder, '')} sends what docker sends`, async () => {
    const [wanted, found] = [await requestOf('docker', line), await requestOf(slipway, line)]
    assert.deepEqual(found, wanted)
  })
}
