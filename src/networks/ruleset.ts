import type { Protocol } from './contract.ts'

/** A bridge that the rules guard. */
export interface BridgeRule {
  readonly bridge: string
  readonly subnet: string
  readonly icc: boolean
  readonly masquerade: boolean
  readonly internal: boolean
}

/** One published port as the rules know it. */
export interface PublishRule {
  readonly hostAddress: string
  readonly hostPort: number
  readonly protocol: Protocol
  readonly containerAddress: string
  readonly containerPort: number
}

/** Published ports by number alone, and those of one host address only. */
export const PUBLISH_MAPS = { any: 'pub_any', address: 'pub_ip' } as const

/**
 * The whole table as one nft script that replaces what is there in a single transaction: no packet ever meets half of
 * it. Everything that changes with containers is a map element, so the chains never do.
 *
 * - guard: the host's loopback, opened on our bridges by route_localnet, is for the host alone
 * - publish: a port of this host becomes the container's; the first map wins because it is the more special one
 * - post: a container that reaches a published port of its own bridge, or the host by loopback, must see the bridge's
 *   address, or its answer would not come back through us; outgoing traffic gets the host's address
 * - forwarding: into a bridge only answers, published ports and neighbours; out of or into an internal network nothing
 *   else than neighbours; segment sizes follow the path's MTU
 */
export function renderRuleset(
  table: string,
  { bridges, published }: { bridges: readonly BridgeRule[]; published: readonly PublishRule[] },
): string {
  const names = namesOf(bridges)
  const any = published.filter(({ hostAddress }) => isWildcard(hostAddress))
  const special = published.filter(({ hostAddress }) => !isWildcard(hostAddress))
  return `add table ip ${table}
delete table ip ${table}
table ip ${table} {
  map ${PUBLISH_MAPS.any} { type inet_proto . inet_service : ipv4_addr . inet_service; ${elements(any.map(renderPublish))} }
  map ${PUBLISH_MAPS.address} { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; ${elements(
    special.map((rule) => `${rule.hostAddress} . ${renderPublish(rule)}`),
  )} }
  set bridges { type ifname; ${elements(names)} }
  set samebr { type ifname . ifname; ${elements(namesOf(bridges.filter(({ icc }) => icc)).map((name) => `${name} . ${name}`))} }
  set internals { type ifname; ${elements(namesOf(bridges.filter(({ internal }) => internal)))} }
  set brnets { type ifname . ipv4_addr; flags interval; ${elements(
    bridges.map(({ bridge, subnet }) => `"${bridge}" . ${subnet}`),
  )} }
  set subnets { type ipv4_addr; flags interval; ${elements(
    bridges.filter(({ masquerade, internal }) => masquerade && !internal).map(({ subnet }) => subnet),
  )} }
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    ip daddr 127.0.0.0/8 iifname != "lo" drop
  }
  chain publish {
    dnat ip to ip daddr . meta l4proto . th dport map @${PUBLISH_MAPS.address}
    dnat ip to meta l4proto . th dport map @${PUBLISH_MAPS.any}
  }
  chain pre { type nat hook prerouting priority dstnat; policy accept; fib daddr type local jump publish; }
  chain out { type nat hook output priority -100; policy accept; fib daddr type local jump publish; }
  chain post {
    type nat hook postrouting priority srcnat; policy accept;
    oifname @bridges ct status dnat ip saddr 127.0.0.0/8 masquerade
    oifname . ip saddr @brnets ct status dnat masquerade
    ip saddr @subnets oifname != @bridges masquerade
  }
  chain forwarding {
    type filter hook forward priority filter; policy accept;
    tcp flags syn iifname @bridges tcp option maxseg size set rt mtu
    tcp flags syn oifname @bridges tcp option maxseg size set rt mtu
    iifname . oifname @samebr accept
    iifname @internals drop
    oifname @internals drop
    ct state established,related accept
    ct status dnat accept
    oifname @bridges drop
  }
}
`
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

function namesOf(bridges: readonly BridgeRule[]): string[] {
  return bridges.map(({ bridge }) => `"${bridge}"`)
}

function renderPublish({ protocol, hostPort, containerAddress, containerPort }: PublishRule): string {
  return `${protocol} . ${hostPort} : ${containerAddress} . ${containerPort}`
}

function elements(list: readonly string[]): string {
  return list.length === 0 ? '' : `elements = { ${list.join(', ')} };`
}
