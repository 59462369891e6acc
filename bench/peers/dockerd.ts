import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitOf, mustRun, runCommand } from '../../test/fixtures/command.ts'
import { httpOverSocket } from '../../test/fixtures/http.ts'
import { waitFor } from '../../test/fixtures/wait-for.ts'
import { findProcesses, importImage, type Peer } from './peer.ts'

const CGROUP_PARENT = '/slipway-bench-dockerd'

/** What dockerd and containerd make wherever their roots are; removed again when it was not there before. */
const STRAYS = ['/etc/docker', '/etc/docker/key.json', '/opt/containerd', '/run/containerd', '/run/docker']

/**
 * Starts Debian's dockerd as its package would, apart from the roots: default bridge, default iptables rules. It gets
 * network and mount namespaces of its own, because its FORWARD policy of drop would cut off every other engine's
 * containers on this host; the namespaces, and with them its bridge and rules, go when it ends.
 */
export async function startDockerd(): Promise<Peer> {
  const strays = STRAYS.filter((path) => !existsSync(path))
  const folder = mkdtempSync(join(tmpdir(), 'slw-dockerd-'))
  const execRoot = mkdtempSync('/run/slw-dockerd-')
  const socket = join(execRoot, 'docker.sock')
  const log = openSync(join(folder, 'log'), 'a')
  writeFileSync(join(folder, 'daemon.json'), '{}')
  const flags = [
    ...['--data-root', join(folder, 'data'), '--exec-root', join(execRoot, 'exec'), '--host', `unix://${socket}`],
    ...['--pidfile', join(execRoot, 'pid'), '--config-file', join(folder, 'daemon.json')],
    ...['--cgroup-parent', CGROUP_PARENT],
  ]
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--net',
      '--propagation',
      'private',
      'sh',
      '-c',
      'ip link set lo up; exec dockerd "$@"',
      'sh',
      ...flags,
    ],
    { stdio: ['ignore', log, log] },
  )
  closeSync(log)

  async function stop(): Promise<void> {
    const env = { ...process.env, DOCKER_HOST: `unix://${socket}` }
    const { stdout } = await runCommand('docker', ['ps', '-aq'], { env })
    const ids = stdout.split('\n').filter((id) => id !== '')
    if (ids.length > 0) await runCommand('docker', ['rm', '-f', ...ids], { env, timeout: 300_000 })
    child.kill('SIGTERM')
    await exitOf(child)
    removeCgroups()
    for (const path of [folder, execRoot, ...strays]) rmSync(path, { recursive: true, force: true })
  }

  try {
    const state = async (): Promise<boolean> => {
      if (child.exitCode !== null) return true
      return (await httpOverSocket(socket, { method: 'GET', path: '/_ping' })).status === 200
    }
    await waitFor(state, { what: 'an answer of dockerd', timeout: 30_000 })
    const env = { PATH: process.env.PATH, HOME: folder, DOCKER_HOST: `unix://${socket}` }
    const version = (await mustRun('docker', ['version', '--format', '{{.Server.Version}}'], { env })).stdout.trim()
    const peer: Peer = {
      name: 'dockerd',
      version,
      env,
      daemons: () => [child.pid ?? 0, ...findProcesses(['containerd'], execRoot)],
      monitors: () => findProcesses(['containerd-shim-runc-v2', 'docker-proxy'], execRoot),
      [Symbol.asyncDispose]: stop,
    }
    await importImage(peer)
    return peer
  } catch (cause) {
    const text = readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(-20).join('\n')
    await stop()
    throw new Error(`dockerd did not start; it wrote:\n${text}`, { cause })
  }
}

function removeCgroups(): void {
  for (const hierarchy of ['', ...readdirSync('/sys/fs/cgroup')]) {
    const path = join('/sys/fs/cgroup', hierarchy, CGROUP_PARENT)
    if (existsSync(path)) rmdirSync(path)
  }
}
