import type { Socket } from 'node:net'
import { check } from '../native/call.ts'
import { closeFd, O_CLOEXEC, O_NONBLOCK } from '../native/fd.ts'
import { libc } from '../native/libc.ts'
import { type OnRead, streamOverFd } from './polled-fd.ts'
import { withUnixAddress } from './unix-address.ts'

const AF_UNIX = 1
const SOCK_SEQPACKET = 5

export interface SeqpacketOptions {
  /** Each packet goes there, in this buffer; without it packets are `data` events. */
  readonly onread?: OnRead
}

/**
 * Connects to a SOCK_SEQPACKET socket. One callback is one packet. Writing: at most 32 KiB at a time, each awaiting the
 * one before, or they become one packet, of which conmon drops the end. Reading starts with `resume()`. The path may be
 * longer than a socket address. EAGAIN when too many others wait to be accepted.
 */
export function connectSeqpacket(path: string, { onread }: SeqpacketOptions = {}): Socket {
  const fd = check(libc.socket(AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC | O_NONBLOCK, 0), 'socket', path)
  try {
    withUnixAddress(path, (address) => check(libc.connect(fd, address, address.length), 'connect', path))
  } catch (error) {
    closeFd(fd)
    throw error
  }
  return streamOverFd(fd, { writable: true, ...(onread && { onread }) })
}
