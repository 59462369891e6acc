import { failure } from '../base/index.ts'
import { parseAddress } from './address.ts'
import type { Protocol } from './contract.ts'

export interface PortRange {
  readonly first: number
  readonly last: number
}

interface PortWish {
  /** Every one of them gets the same port. */
  readonly addresses: readonly string[]
  readonly protocol: Protocol
  /** 0-0: any port of the ephemeral range. */
  readonly range: PortRange
}

/**
 * Which host ports this engine has given out, by address and protocol. It knows nothing of other programs: whether a
 * port can really be bound shows when it is reserved.
 */
export interface PortAllocator {
  /**
   * Takes a port that is free on all addresses. Ranges are walked upwards from the port given last, so that a port just
   * released is not given again at once. `internal` with Docker's text when there is none.
   */
  take(wish: PortWish): number
  /** Takes that port without asking, for a container that has it already. */
  adopt(address: string, protocol: Protocol, port: number): void
  release(address: string, protocol: Protocol, port: number): void
}

export function createPortAllocator(ephemeral: PortRange): PortAllocator {
  const taken = new Map<string, Set<number>>()
  const cursors = new Map<string, number>()

  function setOf(address: string, protocol: Protocol): Set<number> {
    const key = `${protocol} ${address}`
    let ports = taken.get(key)
    if (!ports) {
      ports = new Set()
      taken.set(key, ports)
    }
    return ports
  }

  /** Where a port must be free for `address`: there, on the wildcard, and for the wildcard on every other address. */
  function rivalsOf(address: string, protocol: Protocol): { address: string; ports: Set<number> }[] {
    const wildcard = wildcardOf(address)
    const known = [...taken.keys()].map((key) => key.split(' ')).filter(([other]) => other === protocol)
    const rivals = address === wildcard ? known.flatMap(([, other]) => other ?? []) : [wildcard]
    const same = rivals.filter((other) => other !== address && wildcardOf(other) === wildcard)
    return [address, ...same].map((other) => ({ address: other, ports: setOf(other, protocol) }))
  }

  function take({ addresses, protocol, range }: PortWish): number {
    const rivals = addresses.flatMap((address) => rivalsOf(address, protocol))
    const port = range.first > 0 && range.first === range.last ? exact(range.first) : search()
    for (const address of addresses) setOf(address, protocol).add(port)
    return port

    function exact(wanted: number): number {
      const rival = rivals.find(({ ports }) => ports.has(wanted))
      if (rival) throw failure('internal', `Bind for ${rival.address}:${wanted} failed: port is already allocated`)
      return wanted
    }

    function search(): number {
      const { first, last } = range.first === 0 ? ephemeral : range
      const cursor = `${protocol} ${addresses[0]} ${first}-${last}`
      let candidate = cursors.get(cursor) ?? last
      for (let tries = first; tries <= last; tries += 1) {
        candidate = candidate >= last ? first : candidate + 1
        if (rivals.some(({ ports }) => ports.has(candidate))) continue
        cursors.set(cursor, candidate)
        return candidate
      }
      throw failure('internal', 'all ports are allocated')
    }
  }

  return {
    take,
    adopt: (address, protocol, port) => void setOf(address, protocol).add(port),
    release: (address, protocol, port) => void setOf(address, protocol).delete(port),
  }
}

/** Reads `32768\t60999`, the form of ip_local_port_range; Docker's own range when it is anything else. */
export function parsePortRange(text: string): PortRange {
  const [, first, last] = /^(\d+)\s+(\d+)\s*$/.exec(text) ?? []
  const range = { first: Number(first), last: Number(last) }
  return range.first > 0 && range.last >= range.first && range.last <= 65_535 ? range : { first: 49_153, last: 65_535 }
}

function wildcardOf(address: string): string {
  return parseAddress(address)?.family === 6 ? '::' : '0.0.0.0'
}
