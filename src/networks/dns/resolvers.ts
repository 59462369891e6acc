import type { Log } from '../../base/index.ts'
import { isPredefined } from '../predefined-names.ts'
import { createDirectory, type Listed } from './directory.ts'
import { openResolver } from './resolver.ts'

export interface ResolversOptions {
  readonly list: () => readonly (Listed & { readonly dns?: readonly string[] })[]
  /** The host's own name servers. */
  readonly hostServers: () => readonly string[]
  readonly log: Log
}

/** One resolver for each container that is on a network of one's own. Disposing closes all. */
export interface Resolvers extends Disposable {
  /** Opens or closes the resolver of a container, as its endpoints want it; `withNetns` lends its namespace. */
  settle(guest: ResolvedGuest, withNetns: (work: (netns: number) => void) => void): void
  close(containerId: string): void
  /** Somebody came, went or was renamed. */
  invalidate(): void
}

type ResolvedGuest = Listed & { readonly dns?: readonly string[] }

export function createResolvers({ list, hostServers, log }: ResolversOptions): Resolvers {
  const directory = createDirectory(list)
  const open = new Map<string, Disposable>()

  function settle(guest: ResolvedGuest, withNetns: (work: (netns: number) => void) => void): void {
    const { containerId, dns = [] } = guest
    directory.invalidate()
    if (!wantsResolver(guest.endpoints)) {
      close(containerId)
      return
    }
    if (open.has(containerId)) return
    withNetns((netns) => {
      const resolver = openResolver(netns, {
        zone: () => directory.zoneOf(containerId),
        servers: () => (dns.length > 0 ? dns : hostServers()),
        log,
      })
      open.set(containerId, resolver)
    })
  }

  function close(containerId: string): void {
    directory.invalidate()
    open.get(containerId)?.[Symbol.dispose]()
    open.delete(containerId)
  }

  return {
    settle,
    close,
    invalidate: directory.invalidate,
    [Symbol.dispose]() {
      for (const resolver of open.values()) resolver[Symbol.dispose]()
      open.clear()
    },
  }
}

/** Names are served on networks that somebody made; the default bridge has none, as with Docker. */
export function wantsResolver(endpoints: readonly { readonly networkName: string }[]): boolean {
  return endpoints.some(({ networkName }) => !isPredefined(networkName))
}
