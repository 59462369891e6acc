import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { failure, hasCode, parseFlags } from '../base/index.ts'
import { parseConfigFile } from './config-file.ts'
import { DAEMON_FLAGS, type DaemonValues } from './flags.ts'

export interface DaemonOptions {
  readonly values: DaemonValues
  /** Where to listen, never empty. */
  readonly hosts: readonly string[]
  readonly pidfile: string
  readonly runtimes: Readonly<Record<string, string>>
  readonly defaultUlimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  readonly cgroupParent: string
  /** Short name of this daemon among others of the host; empty for the one with the default exec-root. */
  readonly instance: string
}

/** Reads flags and daemon.json (`invalid` with dockerd's texts; a missing default file is fine, a named one is not). */
export function parseDaemonOptions(argv: readonly string[]): DaemonOptions {
  const { values: fromFlags, given, args } = parseFlags(DAEMON_FLAGS, { argv })
  if (args.length > 0) throw failure('invalid', `slipwayd accepts no arguments, found ${JSON.stringify(args[0])}`)
  const text = readConfig(fromFlags['config-file'], given.has('config-file'))
  const fromFile = text === undefined ? {} : parseConfigFile(text, { path: fromFlags['config-file'], given })
  const values = { ...fromFlags, ...fromFile }
  return complete(values)
}

function readConfig(path: string, required: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (hasCode(cause, 'ENOENT') && !required) return undefined
    throw failure('invalid', `unable to configure the daemon with file ${path}: ${String(cause)}`, { cause })
  }
}

function complete(values: DaemonValues): DaemonOptions {
  const dataRoot = resolve(values['data-root'])
  const execRoot = resolve(values['exec-root'])
  const instance =
    execRoot === DAEMON_FLAGS['exec-root'].initial
      ? ''
      : createHash('sha256').update(execRoot).digest('hex').slice(0, 6)
  const tls = values.tls || values.tlsverify
  return {
    values: { ...values, 'data-root': dataRoot, 'exec-root': execRoot, tls },
    hosts: values.host.length > 0 ? values.host : [`unix://${execRoot}/slipway.sock`],
    pidfile: values.pidfile || `${execRoot}/slipwayd.pid`,
    runtimes: Object.fromEntries(values['add-runtime'].map(parseRuntime)),
    defaultUlimits: values['default-ulimit'].map(parseUlimit),
    cgroupParent: values['cgroup-parent'] || (instance === '' ? '/slipway' : `/slipway-${instance}`),
    instance,
  }
}

function parseRuntime(text: string): [string, string] {
  const match = /^([a-z0-9][a-z0-9_.-]*)=(\/.+)$/i.exec(text)
  if (match?.[1] && match[2]) return [match[1], match[2]]
  throw failure('invalid', `invalid runtime ${JSON.stringify(text)}: want NAME=/PATH`)
}

/** Reads `nofile=1024:2048`; one number stands for both limits, -1 is unlimited. */
export function parseUlimit(text: string): { name: string; soft: number; hard: number } {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text)
  if (!match?.[1] || !match[2]) throw failure('invalid', `invalid ulimit argument: ${text}`)
  const soft = Number(match[2])
  return { name: match[1], soft, hard: match[3] === undefined ? soft : Number(match[3]) }
}
