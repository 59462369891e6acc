import { isIP } from 'node:net'
import { failure } from '../../../base/index.ts'
import type { HostConfig } from '../../../containers/index.ts'
import { type PortRequest, PROTOCOLS } from '../../../networks/index.ts'
import { expandPort } from './container-config.ts'

type PortBindings = HostConfig['portBindings']

/** Bindings with the protocol in every key, and what they ask for. `invalid` with Docker's text. */
export function readPortBindings(bindings: PortBindings): {
  portBindings: PortBindings
  ports: readonly PortRequest[]
} {
  const entries = Object.entries(bindings).map(([key, wanted]) => [singlePort(key), wanted] as const)
  return {
    portBindings: Object.fromEntries(entries),
    ports: entries.flatMap(([key, wanted]) => wanted.map((binding) => portRequest(key, binding))),
  }
}

function singlePort(key: string): string {
  const [port, more] = expandPort(key)
  if (port !== undefined && more === undefined) return port
  throw failure('invalid', `invalid port specification: ${JSON.stringify(key.split('/')[0])}`)
}

function portRequest(key: string, { hostIp, hostPort }: { hostIp: string; hostPort: string }): PortRequest {
  const [port, protocol] = key.split('/')
  const hostAddress = hostIp.replace(/^\[(.*)\]$/, '$1')
  if (hostAddress !== '' && isIP(hostAddress) === 0) {
    throw failure('invalid', `invalid IP address of port binding: ${JSON.stringify(hostIp)}`)
  }
  return {
    containerPort: Number(port),
    protocol: PROTOCOLS.find((known) => known === protocol) ?? 'tcp',
    hostAddress,
    hostPort: hostRange(hostPort),
  }
}

function hostRange(text: string): PortRequest['hostPort'] {
  if (text === '' || text === '0') return { first: 0, last: 0 }
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/\w+)?$/.exec(text)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? first)
  if (match && first > 0 && first <= last && last <= 65_535) return { first, last }
  throw failure('invalid', `invalid port specification: ${JSON.stringify(text)}`)
}
