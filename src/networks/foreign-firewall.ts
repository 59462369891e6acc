/** A chain of another program that refuses forwarded packets unless one of its rules lets them pass. */
export interface DroppingChain {
  readonly family: string
  readonly table: string
  readonly chain: string
}

/** Finds in the output of `nft list chains` the base chains on the forward hook with policy drop. */
export function findDroppingChains(listing: string): DroppingChain[] {
  const found: DroppingChain[] = []
  let family = ''
  let table = ''
  let chain = ''
  for (const line of listing.split('\n')) {
    const [, newFamily, newTable] = /^table (\S+) (\S+) \{/.exec(line) ?? []
    if (newFamily !== undefined && newTable !== undefined) [family, table] = [newFamily, newTable]
    chain = /^\s*chain (\S+) \{/.exec(line)?.[1] ?? chain
    if (/\bhook forward\b.*\bpolicy drop\b/.test(line)) found.push({ family, table, chain })
  }
  return found.filter((dropping) => dropping.family === 'ip' || dropping.family === 'inet')
}

/** One sentence on what is wrong and what to do about it. */
export function warningFor({ family, table, chain }: DroppingChain, bridge: string): string {
  const rule = (direction: string): string =>
    `nft insert rule ${family} ${table} ${chain} ${direction} "${bridge}" accept`
  return (
    `WARNING: the firewall chain ${chain} of table ${family} ${table} drops forwarded packets by default, ` +
    `so containers reach nothing outside and published ports cannot be reached; ` +
    `let them pass: ${rule('iifname')}; ${rule('oifname')}`
  )
}
