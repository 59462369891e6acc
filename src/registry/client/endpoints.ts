import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { failure } from '../../base/index.ts'
import type { RegistrySettings } from './contract.ts'
import { isLoopback } from './transport.ts'

/** A place where a registry may answer. */
export interface Endpoint {
  /** Without `/v2/`, and without a slash at the end. */
  readonly base: URL
  readonly verify: boolean
  /** Credentials are for the registry itself, never for a mirror. */
  readonly isMirror: boolean
}

const HUB = 'docker.io'
const HUB_HOST = 'registry-1.docker.io'

/** In the order in which they are to be asked. Plain HTTP only for loopback and where it was allowed. */
export async function endpointsOf(
  domain: string,
  { insecure, mirrors, access }: RegistrySettings & { readonly access: 'pull' | 'push' },
): Promise<readonly Endpoint[]> {
  if (domain === HUB) {
    const first = access === 'pull' ? mirrors.map(parseMirror) : []
    return [...first, endpoint(`https://${HUB_HOST}`)]
  }
  const secure = endpoint(`https://${domain}`)
  if (!(await isInsecure(domain, insecure))) return [secure]
  return [{ ...secure, verify: false }, endpoint(`http://${domain}`)]
}

function endpoint(base: string): Endpoint {
  return { base: new URL(base), verify: true, isMirror: false }
}

/** `invalid` for what cannot be a mirror. */
export function parseMirror(text: string): Endpoint {
  const base = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = base !== undefined && base.search === '' && base.hash === '' && base.username === ''
  if (!isPlain || !['http:', 'https:'].includes(base.protocol)) {
    throw failure(
      'invalid',
      `invalid mirror: ${JSON.stringify(base ? base.host : text)} is not an address without query`,
    )
  }
  return { base, verify: true, isMirror: true }
}

async function isInsecure(domain: string, insecure: readonly string[]): Promise<boolean> {
  const { hostname } = new URL(`http://${domain}`)
  if (insecure.includes(domain) || insecure.includes(hostname) || isLoopback(hostname)) return true
  const ranges = insecure.filter((entry) => entry.includes('/'))
  if (ranges.length === 0) return false
  const networks = new BlockList()
  for (const range of ranges) addRange(networks, range)
  const bare = hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(bare) ? [bare] : (await lookup(bare, { all: true }).catch(() => [])).map((one) => one.address)
  return addresses.some((address) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
}

function addRange(networks: BlockList, range: string): void {
  const [address = '', prefix = ''] = range.split('/')
  const version = isIP(address)
  const bits = Number(prefix)
  if (version === 0 || prefix === '' || !Number.isInteger(bits) || bits < 0 || bits > (version === 6 ? 128 : 32)) {
    throw failure('invalid', `insecure registry ${range} is not valid: invalid CIDR address: ${range}`)
  }
  networks.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4')
}
