import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Endpoint } from '../networks/index.ts'
import { folderOf, type Household } from './household.ts'
import { networkModeOf } from './network-mode.ts'
import type { ContainerRecord } from './record.ts'

interface Place {
  readonly record: ContainerRecord
  readonly endpoints: readonly Endpoint[]
}

/** Content of /etc/hosts of a container on these endpoints. */
export function hostsOf({ networks }: Pick<Household, 'networks'>, { record, endpoints }: Place): string {
  const { hostname, domainname } = record.config
  return networks.hosts({
    mode: networkModeOf(record),
    hostname,
    domainname,
    endpoints,
    extra: record.host.extraHosts,
  })
}

/** Content of /etc/resolv.conf of a container on these endpoints: what it asks for itself, else what the daemon says. */
export function resolvConfOf(
  { networks, defaults }: Pick<Household, 'networks' | 'defaults'>,
  { record, endpoints }: Place,
): string {
  const { dns, dnsSearch, dnsOptions } = record.host
  return networks.resolvConf({
    mode: networkModeOf(record),
    endpoints,
    dns: dns.length > 0 ? dns : defaults.dns,
    search: dnsSearch.length > 0 ? dnsSearch : defaults.dnsSearch,
    options: dnsOptions.length > 0 ? dnsOptions : defaults.dnsOptions,
  })
}

/**
 * Keeps the files of a running container in step with a change of its endpoints. What somebody inside has written into
 * /etc/hosts stays; a resolv.conf that was edited is left alone, as Docker does.
 */
export function updateNameFiles(
  household: Household,
  {
    record,
    before,
    after,
  }: { readonly record: ContainerRecord; readonly before: Place['endpoints']; readonly after: Place['endpoints'] },
): void {
  const folder = folderOf(household, record.id)
  const [hosts, resolvConf] = [join(folder, 'hosts'), join(folder, 'resolv.conf')]
  const amended = amendLines(readFileSync(hosts, 'utf8'), {
    old: hostsOf(household, { record, endpoints: before }),
    next: hostsOf(household, { record, endpoints: after }),
  })
  writeFileSync(hosts, amended)
  if (readFileSync(resolvConf, 'utf8') === resolvConfOf(household, { record, endpoints: before })) {
    writeFileSync(resolvConf, resolvConfOf(household, { record, endpoints: after }))
  }
}

/** Takes the lines out that `next` has no more, and puts at the end those that `old` had not. */
export function amendLines(text: string, { old, next }: { readonly old: string; readonly next: string }): string {
  const [had, has] = [old.split('\n'), next.split('\n')]
  const gone = new Set(had.filter((line) => !has.includes(line)))
  const kept = text.split('\n').filter((line) => !gone.has(line))
  if (kept.at(-1) === '') kept.pop()
  return [...kept, ...has.filter((line) => !had.includes(line)), ''].join('\n')
}
