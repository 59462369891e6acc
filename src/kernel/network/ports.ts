import { isIPv6 } from 'node:net'
import { hasCode } from '../../base/index.ts'
import { check } from '../native/call.ts'
import { closeFd, O_CLOEXEC, O_NONBLOCK } from '../native/fd.ts'
import { libc } from '../native/libc.ts'
import { u32 } from '../netlink/attributes.ts'
import { addressBytes } from './inet.ts'

const AF_INET = 2
const AF_INET6 = 10
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
/** Type and protocol of socket(2). */
const PROTOCOLS = { tcp: [1, 0], udp: [2, 0], sctp: [1, 132] } as const

export type TransportProtocol = keyof typeof PROTOCOLS

export interface PortAddress {
  readonly address: string
  /** 0: the kernel chooses. */
  readonly port: number
  readonly protocol: TransportProtocol
}

export interface BoundPort {
  readonly fd: number
  readonly port: number
}

/**
 * Reserves a port by binding a socket that accepts nothing: others get EADDRINUSE, connections are refused. An IPv6
 * address takes nothing away from IPv4. The caller closes the fd.
 */
export function reservePort(place: PortAddress): BoundPort {
  try {
    return bindSocket(place)
  } catch (error) {
    if (place.protocol !== 'tcp' || !hasCode(error, 'EADDRINUSE')) throw error
    // Perhaps only connections in TIME_WAIT are in the way: SO_REUSEADDR passes those by. A socket that has it keeps
    // others off only when it listens.
    const reservation = bindSocket(place, { reuse: true })
    if (libc.listen(reservation.fd, 0) === 0) return reservation
    closeFd(reservation.fd)
    throw error
  }
}

/** How often the port of the one may be taken by the other protocol. */
const MOST_ATTEMPTS = 10

/** A UDP and a TCP socket on one port that the kernel picks, both non-blocking, none listening. The caller closes both. */
export function openUdpTcpPair(address: string): {
  readonly port: number
  readonly udpFd: number
  readonly tcpFd: number
} {
  for (let attempt = 1; ; attempt += 1) {
    const udp = bindSocket({ address, port: 0, protocol: 'udp' }, { flags: O_NONBLOCK })
    try {
      const tcp = bindSocket({ address, port: udp.port, protocol: 'tcp' }, { flags: O_NONBLOCK })
      return { port: udp.port, udpFd: udp.fd, tcpFd: tcp.fd }
    } catch (error) {
      closeFd(udp.fd)
      if (!hasCode(error, 'EADDRINUSE') || attempt === MOST_ATTEMPTS) throw error
    }
  }
}

function bindSocket({ address, port, protocol }: PortAddress, { reuse = false, flags = 0 } = {}): BoundPort {
  const family = isIPv6(address) ? AF_INET6 : AF_INET
  const [type, number] = PROTOCOLS[protocol]
  const name = socketAddress(address, port)
  const fd = check(libc.socket(family, type | O_CLOEXEC | flags, number), 'socket', protocol)
  try {
    if (reuse) check(libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, u32(1), 4), 'setsockopt')
    if (family === AF_INET6) check(libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, u32(1), 4), 'setsockopt')
    check(libc.bind(fd, name, name.length), 'bind', `${address}:${port}`)
    check(libc.getsockname(fd, name, u32(name.length)), 'getsockname')
    return { fd, port: name.readUInt16BE(2) }
  } catch (error) {
    closeFd(fd)
    throw error
  }
}

/** sockaddr_in or sockaddr_in6. */
function socketAddress(address: string, port: number): Buffer {
  const six = isIPv6(address)
  const bytes = Buffer.alloc(six ? 28 : 16)
  bytes.writeUInt16LE(six ? AF_INET6 : AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(addressBytes(address), six ? 8 : 4)
  return bytes
}
