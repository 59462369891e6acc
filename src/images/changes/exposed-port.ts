import { failure } from '../../base/index.ts'

const PROTOCOLS = ['tcp', 'udp', 'sctp']

/**
 * Reads one word of EXPOSE, `8080`, `8000-8010/udp`, to `8080/tcp` and the like. An address and a host port in front are
 * checked and dropped, as Docker does. `invalid` with Docker's texts.
 */
export function parseExposedPorts(text: string): readonly string[] {
  const parts = text.split(':')
  const last = parts.at(-1) ?? ''
  const [ports = '', protocol = ''] = last.split('/')
  if (ports === '') throw failure('invalid', `no port specified: ${text}<empty>`)
  const range = parseRange(ports)
  if (!range) throw failure('invalid', `invalid containerPort: ${ports}`)
  const hostPort = parts.at(-2) ?? ''
  if (hostPort !== '' && !parseRange(hostPort)) throw failure('invalid', `invalid hostPort: ${hostPort}`)
  const named = protocol === '' ? 'tcp' : protocol.toLowerCase()
  if (!PROTOCOLS.includes(named)) throw failure('invalid', `invalid proto: ${protocol}`)
  return Array.from({ length: range.end - range.start + 1 }, (_, offset) => `${range.start + offset}/${named}`)
}

function parseRange(text: string): { readonly start: number; readonly end: number } | undefined {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text)
  if (!match) return undefined
  const start = Number(match[1])
  const end = Number(match[2] ?? match[1])
  return start <= end && end <= 65_535 ? { start, end } : undefined
}
