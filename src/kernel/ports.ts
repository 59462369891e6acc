export interface PortReservation {
  readonly fd: number
  readonly port: number
}

/**
 * Binds a socket that never listens: others get `EADDRINUSE`, connects are refused, rules may redirect. The port is
 * free when the last copy of the fd is closed. Port 0 lets the kernel pick. Throws `EADDRINUSE`, `EADDRNOTAVAIL`.
 */
export declare function reservePort(options: {
  readonly address: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
}): PortReservation

/** A UDP and a TCP socket bound on one random port, non-blocking, the latter not yet listening. The caller closes both. */
export declare function openUdpTcpPair(address: string): {
  readonly port: number
  readonly udpFd: number
  readonly tcpFd: number
}
