import { hasCode } from '../base/index.ts'
import { type Nft, type NftSets, nftConcat, openNft, openNftSets } from '../kernel/index.ts'
import { addressBytes } from './address.ts'
import type { Protocol } from './contract.ts'
import { type BridgeRule, isWildcard, PUBLISH_MAPS, type PublishRule, renderRuleset } from './ruleset.ts'

export interface FirewallState {
  readonly bridges: readonly BridgeRule[]
  readonly published: readonly PublishRule[]
}

/** Our own nft table. It stays when this is closed: running containers need it while no daemon lives. */
export interface Firewall extends Disposable {
  /** Replaces the table by what `state` says, in one transaction. */
  load(): void
  /** Adds ports that `state` lists already; loads everything when somebody has flushed the table. */
  publish(rules: readonly PublishRule[]): void
  /** Removes ports; absent ones are fine. */
  unpublish(rules: readonly PublishRule[]): void
  /** Deletes the table; absent is fine. */
  remove(): void
}

interface Element {
  readonly key: Buffer
  readonly data: Buffer
}

const PROTOCOL_NUMBERS: Record<Protocol, number> = { tcp: 6, udp: 17, sctp: 132 }

const CHUNK = 1000

export function createFirewall({ table, state }: { table: string; state: () => FirewallState }): Firewall {
  const nft: Nft = openNft()
  const sets: NftSets = openNftSets()

  function load(): void {
    nft.run(renderRuleset(table, state()))
  }

  function publish(rules: readonly PublishRule[]): void {
    try {
      for (const [set, elements] of byMap(rules)) sets.add({ table, set, family: 'ip', elements })
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      load()
    }
  }

  function unpublish(rules: readonly PublishRule[]): void {
    for (const [set, elements] of byMap(rules)) {
      if (deleted(set, elements)) continue
      // A batch is all or nothing: one element that is gone already must not keep the others.
      for (const element of elements) deleted(set, [element])
    }
  }

  function deleted(set: string, elements: readonly Element[]): boolean {
    try {
      sets.delete({ table, set, family: 'ip', elements: elements.map(({ key }) => ({ key })) })
      return true
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false
      throw error
    }
  }

  return {
    load,
    publish,
    unpublish,
    // Adding first makes the deletion succeed whether the table was there or not.
    remove: () => void nft.run(`add table ip ${table}; delete table ip ${table}`),
    [Symbol.dispose]() {
      sets.close()
      nft.close()
    },
  }
}

function byMap(rules: readonly PublishRule[]): [string, Element[]][] {
  const any = rules.filter(({ hostAddress }) => isWildcard(hostAddress))
  const special = rules.filter(({ hostAddress }) => !isWildcard(hostAddress))
  const maps: readonly [string, Element[]][] = [
    [PUBLISH_MAPS.any, any.map((rule) => elementOf(rule, []))],
    [PUBLISH_MAPS.address, special.map((rule) => elementOf(rule, [addressBytes(rule.hostAddress)]))],
  ]
  return maps.flatMap(([map, list]) => chunksOf(list).map((chunk): [string, Element[]] => [map, chunk]))
}

/** A netlink attribute holds 64 KiB, and an element takes up to 44 bytes. */
function chunksOf(list: readonly Element[]): Element[][] {
  return Array.from({ length: Math.ceil(list.length / CHUNK) }, (_, index) =>
    list.slice(index * CHUNK, (index + 1) * CHUNK),
  )
}

function elementOf(rule: PublishRule, prefix: readonly Buffer[]): Element {
  return {
    key: nftConcat(...prefix, Buffer.of(PROTOCOL_NUMBERS[rule.protocol]), portBytes(rule.hostPort)),
    data: nftConcat(addressBytes(rule.containerAddress), portBytes(rule.containerPort)),
  }
}

function portBytes(port: number): Buffer {
  return Buffer.of(port >> 8, port & 0xff)
}
