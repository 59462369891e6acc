import { type Clock, type Database, failure, type Log } from '../base/index.ts'
import type { NetworkEvent, Networks } from './contract.ts'

export interface NetworksOptions {
  readonly db: Database
  /** Keeps the namespaces (`netns/`) and the records of what runs (`networks.db`); exists. */
  readonly execRoot: string
  /** Empty for the default daemon, else at most 8 of [a-z0-9]: names the nft table and the default bridge. */
  readonly instance: string
  readonly bridge: {
    /** The default bridge's device; one that exists already lends its address. */
    readonly name?: string
    /** The bridge's own address and subnet, `172.30.0.1/16`. */
    readonly cidr?: string
    readonly mtu?: number
  }
  /** Where the host's own files are; tests give others. */
  readonly hostFiles?: Partial<HostFiles>
  readonly clock: Clock
  readonly log: Log
  /** Called synchronously after the change has been recorded. */
  readonly emit: (event: NetworkEvent) => void
}

export interface HostFiles {
  readonly resolvConf: string
  /** Read instead when `resolvConf` names only systemd-resolved's stub. */
  readonly resolvedConf: string
  readonly hosts: string
}

export function createNetworks(options: NetworksOptions): Networks {
  throw failure('unavailable', `networks of ${options.execRoot} are being written`)
}
