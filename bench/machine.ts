import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { runCommand } from '../test/fixtures/command.ts'
import type { Peer } from './peers/peer.ts'

/** How busy the machine is with other things: to be asked before the first measurement. */
export function loadBefore(): string {
  return `load average before: ${loadavg()[0]?.toFixed(2)}`
}

/** What a reader must know to compare figures with those of another machine: one line each. */
export async function machineFacts(peers: readonly Peer[]): Promise<readonly string[]> {
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  const cgroups = /^\S+ \/sys\/fs\/cgroup cgroup2 /m.test(readFileSync('/proc/mounts', 'utf8')) ? 'v2' : 'v1'
  return [
    `${availableParallelism()} CPUs (${cpus()[0]?.model ?? arch()}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    `${system}, kernel ${release()}, cgroup ${cgroups}`,
    ...peers.map(({ name, version }) => `${name} ${version}`),
    `docker client ${await version('docker', ['version', '--format', '{{.Client.Version}}'])}`,
    `Node ${process.version}, ${await version('crun', ['--version'])}, ${await version('runc', ['--version'])}, ${await version('conmon', ['--version'])}`,
  ]
}

async function version(program: string, args: readonly string[]): Promise<string> {
  // `docker version` fails without a daemon, and still prints what it knows of itself.
  const { stdout } = await runCommand(program, args).catch(() => ({ stdout: `no ${program}` }))
  return stdout.split('\n')[0]?.trim() ?? ''
}
