import { failure } from '../../base/index.ts'

export interface PortSpec {
  /** `80/tcp` */
  readonly port: string
  readonly hostIp: string
  /** Empty: the engine picks. A range `8000-8010` lets it pick within. */
  readonly hostPort: string
}

const PROTOCOLS = new Set(['tcp', 'udp', 'sctp'])

/**
 * Reads `-p` values: `[[ip:][hostPort]:]containerPort[/protocol]`, ranges on both sides of the same length, IPv6
 * addresses in brackets. One entry for each container port.
 */
export function parsePortSpec(text: string): readonly PortSpec[] {
  const { hostIp, host, container } = splitPortSpec(text)
  const [ports = '', protocol = 'tcp'] = splitOnce(container, '/')
  if (!PROTOCOLS.has(protocol.toLowerCase())) throw failure('invalid', `invalid proto: ${protocol}`)
  if (ports === '') throw failure('invalid', `no port specified: ${text}<empty>`)
  const inside = parseRange(ports, 'containerPort')
  const outside = host === '' ? undefined : parseRange(host, 'hostPort')
  const count = inside.last - inside.first + 1
  if (outside && outside.last - outside.first + 1 !== count) {
    if (count !== 1)
      throw failure('invalid', `invalid ranges specified for container and host Ports: ${ports} and ${host}`)
    return [{ port: `${inside.first}/${protocol.toLowerCase()}`, hostIp, hostPort: `${outside.first}-${outside.last}` }]
  }
  return Array.from({ length: count }, (_, index) => ({
    port: `${inside.first + index}/${protocol.toLowerCase()}`,
    hostIp,
    hostPort: outside ? String(outside.first + index) : '',
  }))
}

/** Reads `--expose` values: a port or a range, with a protocol. */
export function parseExpose(text: string): readonly string[] {
  if (text.includes(':')) throw failure('invalid', `invalid port format for --expose: ${text}`)
  return parsePortSpec(text).map(({ port }) => port)
}

function splitPortSpec(text: string): { hostIp: string; host: string; container: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  const parts = bracketed ? [bracketed[1] ?? '', ...(bracketed[2] ?? '').split(':')] : text.split(':')
  const [container = '', host = ''] = parts.toReversed()
  const hostIp = parts.slice(0, -2).join(':')
  if (hostIp !== '' && !isAddress(hostIp)) throw failure('invalid', `invalid IP address: ${hostIp}`)
  return { hostIp, host: parts.length > 1 ? host : '', container }
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text)
    ? text.split('.').every((part) => Number(part) <= 255)
    : text.includes(':')
}

function parseRange(text: string, what: string): { first: number; last: number } {
  const [low = '', high = low] = splitOnce(text, '-')
  const [first, last] = [parsePort(low), parsePort(high)]
  if (first === undefined || last === undefined || last < first) {
    throw failure('invalid', `invalid ${what}: ${text}`)
  }
  return { first, last }
}

function parsePort(text: string): number | undefined {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return port <= 65_535 ? port : undefined
}

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
