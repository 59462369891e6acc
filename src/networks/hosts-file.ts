import { failure } from '../base/index.ts'
import { parseAddress } from './address.ts'

export interface HostsFileOptions {
  readonly hostname: string
  readonly domainname: string
  /** The container's own addresses, in the order of its networks. */
  readonly addresses: readonly string[]
  /** `name:address` entries of --add-host; the address may be `host-gateway`. */
  readonly extra: readonly string[]
  /** What `host-gateway` stands for; undefined when there is no default bridge. */
  readonly hostGateway: string | undefined
  readonly ipv6: boolean
}

const LOCAL4 = '127.0.0.1\tlocalhost'
const LOCAL6 = [
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
]

/** The file that Docker writes for a container with its own network. `invalid` for an extra entry with a bad address. */
export function renderHosts(options: HostsFileOptions): string {
  const { addresses, extra, hostGateway, ipv6 } = options
  const names = namesOf(options)
  const lines = [
    LOCAL4,
    ...(ipv6 ? LOCAL6 : []),
    ...extra.map((entry) => extraLine(entry, hostGateway)),
    ...addresses.map((address) => `${address}\t${names}`),
  ]
  return `${lines.join('\n')}\n`
}

/** The full name and, when it has a dot, the bare one too. */
function namesOf({ hostname, domainname }: HostsFileOptions): string {
  const full = domainname === '' ? hostname : `${hostname}.${domainname}`
  const dot = full.indexOf('.')
  return dot < 0 ? full : `${full} ${full.slice(0, dot)}`
}

function extraLine(entry: string, hostGateway: string | undefined): string {
  const colon = entry.indexOf(':')
  const name = entry.slice(0, colon)
  const given = entry.slice(colon + 1)
  if (given === 'host-gateway' && hostGateway === undefined) {
    throw failure('invalid', 'unable to derive the IP value for host-gateway')
  }
  const address = given === 'host-gateway' ? (hostGateway ?? '') : given
  if (colon <= 0 || !parseAddress(address)) throw failure('invalid', `could not parse extra host IP ${given}: ${entry}`)
  return `${address}\t${name}`
}
