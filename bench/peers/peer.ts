import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { busyboxRootfs } from '../../test/fixtures/busybox.ts'
import { type CommandOptions, type CommandResult, mustRun } from '../../test/fixtures/command.ts'

/** A container engine under measurement, reached by the same docker client as all others. */
export interface Peer extends AsyncDisposable {
  readonly name: string
  readonly version: string
  /** What the docker client needs to find it. */
  readonly env: NodeJS.ProcessEnv
  /** Process ids of the daemon, helpers that live as long as it included. */
  daemons(): readonly number[]
  /** Process ids of what it keeps running beside each container. */
  monitors(): readonly number[]
}

/** Runs the docker client against a peer and wants success. */
export function docker(peer: Peer, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return mustRun('docker', args, { env: peer.env, ...options })
}

/** Gives the peer the image that every scenario uses. */
export async function importImage(peer: Peer): Promise<void> {
  await docker(peer, ['import', '-', 'busybox'], { input: await busyboxRootfs() })
}

/** Processes whose program has one of these names and whose command line holds `text`. */
export function findProcesses(names: readonly string[], text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const command = readCommand(pid)
      return names.includes(basename(command.split('\0')[0] ?? '')) && command.includes(text)
    })
    .map(Number)
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
