import { readFileSync } from 'node:fs'
import type { ListenTarget, TlsOptions } from '../api/server/index.ts'
import { failure, messageOf } from '../base/index.ts'
import type { DaemonOptions } from './options.ts'

export interface Listener {
  readonly target: ListenTarget
  readonly tls?: TlsOptions
}

/** The first socket that systemd hands over: sd_listen_fds(3). */
const FIRST_SYSTEMD_FD = 3

/** Turns `-H` values into listeners; TLS is for TCP alone. `invalid` for what cannot be read. */
export function parseListeners({ hosts, values }: DaemonOptions): readonly Listener[] {
  const targets = hosts.map((host) => parseListenTarget(host, values.group))
  const tls = values.tls && targets.some(({ kind }) => kind === 'tcp') ? readTls(values) : undefined
  return targets.map((target) => (target.kind === 'tcp' && tls ? { target, tls } : { target }))
}

function parseListenTarget(host: string, group: string): ListenTarget {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(host) ?? []
  if (scheme === 'unix' && rest !== '') return { kind: 'unix', path: rest, ...(group ? { group } : {}) }
  if (scheme === 'fd') return { kind: 'fd', fd: FIRST_SYSTEMD_FD }
  const address = /^(\[[^\]]+\]|[^:/]*)(?::(\d+))?\/?$/.exec(rest)
  const port = Number(address?.[2] ?? 2375)
  if (scheme !== 'tcp' || !address || port > 65_535) {
    throw failure(
      'invalid',
      `unable to parse host ${JSON.stringify(host)}: want unix://PATH, tcp://ADDRESS:PORT or fd://`,
    )
  }
  return { kind: 'tcp', host: address[1]?.replace(/^\[|\]$/g, '') || '0.0.0.0', port }
}

function readTls({ tlscert, tlskey, tlscacert, tlsverify }: DaemonOptions['values']): TlsOptions {
  return { cert: readPem(tlscert), key: readPem(tlskey), ...(tlsverify ? { ca: readPem(tlscacert) } : {}) }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw failure('invalid', `could not load X509 key pair: ${messageOf(cause)}`, { cause })
  }
}
