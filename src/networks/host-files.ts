import { readFileSync } from 'node:fs'
import { hasCode } from '../base/index.ts'
import type { Networks } from './contract.ts'
import { wantsResolver } from './dns/resolvers.ts'
import { renderHosts } from './hosts-file.ts'
import { isResolvedStub, parseResolvConf, type ResolvConf, renderResolvConf } from './resolv-conf.ts'

/** Where the host keeps its own name resolution. */
export interface HostFiles {
  readonly resolvConf: string
  /** Read instead when `resolvConf` names only systemd-resolved's stub. */
  readonly resolvedConf: string
  readonly hosts: string
}

export const HOST_FILES: HostFiles = {
  resolvConf: '/etc/resolv.conf',
  resolvedConf: '/run/systemd/resolve/resolv.conf',
  hosts: '/etc/hosts',
}

/** Name servers that containers may be given; absent files name none. */
export function readResolvConf({ resolvConf, resolvedConf }: HostFiles): ResolvConf {
  const own = readOwnResolvConf(resolvConf)
  return isResolvedStub(own) ? readOwnResolvConf(resolvedConf) : own
}

export function containerResolvConf(files: HostFiles, options: Parameters<Networks['resolvConf']>[0]): string {
  const { mode, endpoints = [], ...overrides } = options
  const shared = mode === 'host'
  const host = shared ? readOwnResolvConf(files.resolvConf) : readResolvConf(files)
  return renderResolvConf(host, {
    overrides,
    kind: shared ? 'shared' : wantsResolver(endpoints) ? 'resolver' : 'filtered',
  })
}

export function containerHosts(
  files: HostFiles,
  options: Parameters<Networks['hosts']>[0] & { readonly hostGateway: string | undefined; readonly ipv6: boolean },
): string {
  const { mode, endpoints, ...rest } = options
  if (mode === 'host' && options.extra.length === 0) return readText(files.hosts)
  const addresses = endpoints.flatMap(({ address, address6 }) => [address, address6]).filter((text) => text !== '')
  return renderHosts({ ...rest, addresses })
}

function readOwnResolvConf(path: string): ResolvConf {
  return parseResolvConf(readText(path), path)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return ''
    throw error
  }
}
