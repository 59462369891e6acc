import type { Rtnetlink } from '../kernel/index.ts'
import { type Prefix, parseAddress, parseCidr, prefixOf } from './address.ts'

export interface HostSubnetsOptions {
  readonly host: Rtnetlink
  /** Name servers that the host uses: their addresses are never a container's. */
  readonly nameservers: readonly string[]
  /** Index of a device that does not count. */
  readonly except?: number | undefined
}

/** IPv4 subnets that the host is part of, and its name servers. */
export function hostSubnets({ host, nameservers, except }: HostSubnetsOptions): Prefix[] {
  const addresses = host
    .addresses()
    .filter(({ index, family }) => index !== except && family === 4)
    .map(({ address, prefix }) => `${address}/${prefix}`)
  const onLink = host
    .routes()
    .filter(({ index, family, gateway }) => index !== except && family === 4 && gateway === undefined)
    .map(({ destination }) => destination)
  const servers = nameservers.flatMap((text) => {
    const address = parseAddress(text)
    return address?.family === 4 ? [prefixOf(address, 32)] : []
  })
  return [...servers, ...[...addresses, ...onLink].flatMap((text) => parseCidr(text)?.prefix ?? [])]
}
