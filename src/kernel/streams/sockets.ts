import { closeSync, openSync } from 'node:fs'
import { isIPv6, Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import { hasCode } from '../../base/index.ts'
import { check, closeFd, libc, O_CLOEXEC, O_NONBLOCK } from '../native/libc.ts'
import { u32 } from '../netlink/netlink.ts'
import { addressBytes } from '../network/inet.ts'

const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_SEQPACKET = 5
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const IPPROTO_SCTP = 132
const F_SETFL = 4
const F_DUPFD = 0
const F_DUPFD_CLOEXEC = 1030
const SUN_PATH_MAX = 107

export type TransportProtocol = 'tcp' | 'udp' | 'sctp'

/**
 * Reserves a port by binding a socket that accepts nothing: others get EADDRINUSE, connections are refused. Port 0 lets
 * the kernel choose. The caller closes the fd.
 */
export function reservePort({
  address,
  port,
  protocol,
}: {
  readonly address: string
  readonly port: number
  readonly protocol: TransportProtocol
}): { readonly fd: number; readonly port: number } {
  try {
    return bindSocket({ address, port, protocol }, false)
  } catch (error) {
    if (protocol !== 'tcp' || !hasCode(error, 'EADDRINUSE')) throw error
    // Perhaps only connections in TIME_WAIT are in the way: SO_REUSEADDR passes those by. A socket that has it keeps
    // others off only when it listens.
    const reservation = bindSocket({ address, port, protocol }, true)
    if (libc.listen(reservation.fd, 0) === 0) return reservation
    closeFd(reservation.fd)
    throw error
  }
}

function bindSocket(
  { address, port, protocol }: Parameters<typeof reservePort>[0],
  reuse: boolean,
): { readonly fd: number; readonly port: number } {
  const family = isIPv6(address) ? AF_INET6 : AF_INET
  const type = (protocol === 'udp' ? SOCK_DGRAM : SOCK_STREAM) | O_CLOEXEC
  const fd = check(libc.socket(family, type, protocol === 'sctp' ? IPPROTO_SCTP : 0), 'socket', protocol)
  try {
    if (reuse) check(libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, u32(1), 4), 'setsockopt')
    if (family === AF_INET6) check(libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, u32(1), 4), 'setsockopt')
    return { fd, port: bindTo(fd, address, port) }
  } catch (error) {
    closeFd(fd)
    throw error
  }
}

/** A UDP and a listening TCP socket on one port that the kernel picks, both non-blocking. The caller closes both. */
export function openUdpTcpPair(address: string): {
  readonly port: number
  readonly udpFd: number
  readonly tcpFd: number
} {
  for (let attempt = 0; ; attempt += 1) {
    const udpFd = check(libc.socket(AF_INET, SOCK_DGRAM | O_CLOEXEC | O_NONBLOCK, 0), 'socket', 'udp')
    const tcpFd = check(libc.socket(AF_INET, SOCK_STREAM | O_CLOEXEC | O_NONBLOCK, 0), 'socket', 'tcp')
    try {
      const port = bindTo(udpFd, address, 0)
      bindTo(tcpFd, address, port)
      return { port, udpFd, tcpFd }
    } catch (error) {
      closeFd(udpFd)
      closeFd(tcpFd)
      // The port of the one may be taken by the other protocol: the kernel then picks another.
      if (attempt === 10) throw error
    }
  }
}

function bindTo(fd: number, address: string, port: number): number {
  const six = isIPv6(address)
  const name = Buffer.alloc(six ? 28 : 16)
  name.writeUInt16LE(six ? AF_INET6 : AF_INET, 0)
  name.writeUInt16BE(port, 2)
  name.set(addressBytes(address), six ? 8 : 4)
  check(libc.bind(fd, name, name.length), 'bind', `${address}:${port}`)
  check(libc.getsockname(fd, name, u32(name.length)), 'getsockname')
  return name.readUInt16BE(2)
}

export function duplicateFd(fd: number, { cloexec = true }: { readonly cloexec?: boolean } = {}): number {
  return check(libc.fcntl(fd, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, 3), 'fcntl')
}

/** Two connected stream sockets. The caller closes both. */
export function createSocketPair(): [number, number] {
  const fds = Buffer.alloc(8)
  check(libc.socketpair(AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0, fds), 'socketpair')
  return [fds.readInt32LE(0), fds.readInt32LE(4)]
}

/** The reading and the writing end of a pipe. The caller closes both. */
export function createPipe(): [number, number] {
  const fds = Buffer.alloc(8)
  check(libc.pipe2(fds, O_CLOEXEC), 'pipe2')
  return [fds.readInt32LE(0), fds.readInt32LE(4)]
}

/** A Node stream over an fd that is a socket, pipe or terminal. The stream owns the fd from now on. */
export function streamOf(fd: number, direction: 'read' | 'write' | 'duplex'): Socket {
  return new Socket({ fd, readable: direction !== 'write', writable: direction !== 'read', allowHalfOpen: true })
}

export interface SeqpacketOptions {
  /** Each packet goes there, in this buffer; without it packets are `data` events. */
  readonly onread?: { readonly buffer: Buffer; readonly callback: (length: number, buffer: Buffer) => boolean }
}

/**
 * Connects to a SOCK_SEQPACKET socket. Node refuses that type of fd, so the stream is made on a stream socket whose fd
 * is then replaced. One callback is one packet. Writing: at most 32 KiB at a time, each awaiting the one before, or the
 * kernel merges and conmon cuts them. Reading starts with `resume()`. The path may be longer than a socket address.
 */
export function connectSeqpacket(path: string, { onread }: SeqpacketOptions = {}): Socket {
  const packetFd = connectUnix(path, SOCK_SEQPACKET)
  const [streamFd, other] = createSocketPair()
  closeFd(other)
  const options = {
    fd: streamFd,
    readable: true,
    writable: true,
    allowHalfOpen: true,
    manualStart: true,
    ...(onread ? { onread } : {}),
  }
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0])
  check(libc.dup3(packetFd, streamFd, O_CLOEXEC), 'dup3', path)
  closeFd(packetFd)
  check(libc.fcntl(streamFd, F_SETFL, O_NONBLOCK | 2), 'fcntl', path)
  return socket
}

function connectUnix(path: string, type: number): number {
  const fd = check(libc.socket(AF_UNIX, type | O_CLOEXEC, 0), 'socket', 'unix')
  const folder = Buffer.byteLength(path) > SUN_PATH_MAX ? openSync(dirname(path), 'r') : undefined
  try {
    const name = Buffer.alloc(110)
    name.writeUInt16LE(AF_UNIX, 0)
    name.write(folder === undefined ? path : `/proc/self/fd/${folder}/${basename(path)}`, 2)
    check(libc.connect(fd, name, name.length), 'connect', path)
    return fd
  } catch (error) {
    closeFd(fd)
    throw error
  } finally {
    if (folder !== undefined) closeSync(folder)
  }
}
