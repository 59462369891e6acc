import { failure, hasCode, type Log, messageOf } from '../base/index.ts'
import { closeFd, reservePort } from '../kernel/index.ts'
import { parseAddress } from './address.ts'
import type { PortRequest, PublishedPort } from './contract.ts'
import type { PortAllocator } from './port-allocator.ts'

export interface Reservation {
  readonly ports: readonly PublishedPort[]
  /** Bound sockets, one a port; whoever holds them closes them. */
  readonly fds: readonly number[]
}

/** Host ports: given out by the allocator and kept from other programs by sockets that are bound and never listen. */
export interface Ports {
  /**
   * Finds a host port for every request, the same for requests that differ in nothing but the host address. `internal`
   * with Docker's text when one cannot be had; then nothing is kept.
   */
  reserve(requests: readonly PortRequest[], target: { readonly containerAddress: string }): Reservation
  /** Notes the ports of a container that has them already. */
  adopt(ports: readonly PublishedPort[]): void
  /** Binds adopted ports again as far as nobody holds them: usually the container's own monitor still does. */
  hold(ports: readonly PublishedPort[]): number[]
  /** Gives ports back; sockets are closed by their holder. */
  free(ports: readonly PublishedPort[]): void
}

/** As often as Docker looks for another port when one that nobody of ours has turns out to be bound. */
const ATTEMPTS = 10
/** Go's words for what bind(2) may say. */
const BIND_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
  EPROTONOSUPPORT: 'protocol not supported',
}

export function createPorts({ allocator, log }: { allocator: PortAllocator; log: Log }): Ports {
  function reserve(requests: readonly PortRequest[], target: { containerAddress: string }): Reservation {
    using undo = new DisposableStack()
    const ports: PublishedPort[] = []
    const fds: number[] = []
    for (const group of groupsOf(requests)) {
      const found = reserveGroup(group, target.containerAddress)
      undo.defer(() => giveUp(found))
      ports.push(...found.ports)
      fds.push(...found.fds)
    }
    undo.move()
    return { ports, fds }
  }

  function reserveGroup(group: readonly PortRequest[], containerAddress: string): Reservation {
    const { hostPort } = first(group)
    const attempts = hostPort.first > 0 && hostPort.first === hostPort.last ? 1 : ATTEMPTS
    for (let attempt = 1; ; attempt += 1) {
      try {
        return tryGroup(group, containerAddress)
      } catch (error) {
        if (attempt >= attempts) throw error
        log.debug({ error: messageOf(error), attempt }, 'host port is taken, trying another')
      }
    }
  }

  function tryGroup(group: readonly PortRequest[], containerAddress: string): Reservation {
    const { protocol, hostPort: range } = first(group)
    const port = allocator.take({ addresses: group.map(({ hostAddress }) => hostAddress), protocol, range })
    const ports = group.map(({ containerPort, hostAddress }) => ({
      containerPort,
      protocol,
      hostAddress,
      hostPort: port,
    }))
    using undo = new DisposableStack()
    undo.defer(() => free(ports))
    const fds = group.map((request) => {
      const fd = bind(request, { port, containerAddress })
      undo.defer(() => closeFd(fd))
      return fd
    })
    undo.move()
    return { ports, fds }
  }

  function giveUp({ ports, fds }: Reservation): void {
    for (const fd of fds) closeFd(fd)
    free(ports)
  }

  function free(ports: readonly PublishedPort[]): void {
    for (const { hostAddress, protocol, hostPort } of ports) allocator.release(hostAddress, protocol, hostPort)
  }

  return {
    reserve,
    free,
    adopt(ports) {
      for (const { hostAddress, protocol, hostPort } of ports) allocator.adopt(hostAddress, protocol, hostPort)
    },
    hold: (ports) =>
      ports.flatMap(({ hostAddress, hostPort, protocol }) => {
        try {
          return [reservePort({ address: hostAddress, port: hostPort, protocol }).fd]
        } catch (error) {
          if (hasCode(error, 'EADDRINUSE', 'EADDRNOTAVAIL')) return []
          throw error
        }
      }),
  }
}

function bind(request: PortRequest, { port, containerAddress }: { port: number; containerAddress: string }): number {
  try {
    return reservePort({ address: request.hostAddress, port, protocol: request.protocol }).fd
  } catch (cause) {
    const { first: from, last } = request.hostPort
    const reason = (hasCode(cause, ...Object.keys(BIND_ERRORS)) && BIND_ERRORS[codeOf(cause)]) || messageOf(cause)
    const which = from === last ? '' : ` ${port}`
    const binding = bindingText(request, containerAddress)
    throw failure('internal', `failed to bind host port${which} for ${binding}: ${reason}`, { cause })
  }
}

/** Docker's way to write a mapping: `0.0.0.0:8000-8010:172.17.0.2:80/tcp`, without the ports when any will do. */
function bindingText(
  { hostAddress, hostPort, containerPort, protocol }: PortRequest,
  containerAddress: string,
): string {
  const { first: from, last } = hostPort
  const range = from === 0 ? '' : from === last ? `${from}` : `${from}-${last}`
  return `${bracketed(hostAddress)}:${range}:${bracketed(containerAddress)}:${containerPort}/${protocol}`
}

function bracketed(address: string): string {
  return parseAddress(address)?.family === 6 ? `[${address}]` : address
}

/** Requests in Docker's order, exact ports before ranges, with those that must share a host port together. */
function groupsOf(requests: readonly PortRequest[]): PortRequest[][] {
  const groups = new Map<string, PortRequest[]>()
  for (const request of requests.toSorted(byDockersOrder)) {
    const { containerPort, protocol, hostPort } = request
    const key = `${containerPort}/${protocol} ${hostPort.first}-${hostPort.last}`
    const group = groups.get(key)
    if (group) group.push(request)
    else groups.set(key, [request])
  }
  return [...groups.values()]
}

function byDockersOrder(a: PortRequest, b: PortRequest): number {
  return (
    Number(isRange(a)) - Number(isRange(b)) ||
    a.containerPort - b.containerPort ||
    a.protocol.localeCompare(b.protocol) ||
    a.hostPort.first - b.hostPort.first ||
    a.hostPort.last - b.hostPort.last
  )
}

function isRange({ hostPort }: PortRequest): boolean {
  return hostPort.first === 0 || hostPort.first !== hostPort.last
}

function first(group: readonly PortRequest[]): PortRequest {
  const [request] = group
  if (!request) throw new RangeError('a group of port requests is never empty')
  return request
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
