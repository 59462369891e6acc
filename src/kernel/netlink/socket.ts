import { hasCode } from '../../base/index.ts'
import { check, lastErrno } from '../native/call.ts'
import { closeFd, O_CLOEXEC } from '../native/fd.ts'
import { KernelError } from '../native/kernel-error.ts'
import { libc } from '../native/libc.ts'
import { collectAnswers } from './answers.ts'
import { u32 } from './attributes.ts'
import { setSequence, type Thing } from './messages.ts'

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20
const SO_SNDBUFFORCE = 32
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const MSG_TRUNC = 0x20
const MSG_DONTWAIT = 0x40
const EINTR = 4
const ENOBUFS = 105
const EMSGSIZE = 90

/** Longer than any answer of a kernel that works takes; it ends a wait that would stop the whole daemon. */
const PATIENCE_SECONDS = 30n
/** The kernel puts 32 KiB into one datagram at most. */
const RECEIVE_SIZE = 256 * 1024
/** Answers to more requests at once would overflow the socket's buffer of 208 KiB. */
const MOST_AT_ONCE = 64
/** What a socket takes in one piece without asking for more. */
const SEND_SIZE = 128 * 1024
/** Dumps of a list that keeps changing are repeated this often. */
const MOST_DUMPS = 16

export interface NetlinkSocket extends Disposable {
  /** Sends the requests and waits for all answers; gives the things sent for them. Throws the first failure. */
  request(messages: readonly Buffer[], what: string): readonly Thing[]
  /**
   * Asks for a list and gives what `read` makes of each thing in it, which is valid during that call; undefined leaves
   * it out. A list that changes meanwhile is asked for again. When it never rests, the last one may lack things.
   */
  dump<T>(message: Buffer, options: { readonly what: string; readonly read: (thing: Thing) => T | undefined }): T[]
  /** Sends requests as one transaction, of which only the last is answered when all is well. Throws the first failure. */
  transact(messages: readonly Buffer[], what: string): void
  close(): void
}

const receiveBuffer = Buffer.alloc(RECEIVE_SIZE)

/** A netlink socket of the calling thread's network namespace. The caller closes. */
export function openNetlink(protocol: number): NetlinkSocket {
  const fd = openSocket(protocol)
  let sequence = 0
  let sendSize = SEND_SIZE
  let open = true

  function request(messages: readonly Buffer[], what: string): readonly Thing[] {
    const things: Thing[] = []
    for (let at = 0; at < messages.length; at += MOST_AT_ONCE) {
      const chunk = messages.slice(at, at + MOST_AT_ONCE)
      const first = number(chunk)
      send(Buffer.concat(chunk), what)
      collectAnswers(
        () => receive(),
        { first, count: chunk.length, what },
        (thing) => {
          things.push({ ...thing, payload: Buffer.from(thing.payload) })
        },
      )
    }
    return things
  }

  function dump<T>(
    message: Buffer,
    { what, read }: { readonly what: string; readonly read: (thing: Thing) => T | undefined },
  ): T[] {
    for (let attempt = 1; ; attempt += 1) {
      const found: T[] = []
      const first = number([message])
      send(message, what)
      const { interrupted } = collectAnswers(
        () => receive(),
        { first, count: 1, what },
        (thing) => {
          const value = read(thing)
          if (value !== undefined) found.push(value)
        },
      )
      if (!interrupted || attempt === MOST_DUMPS) return found
    }
  }

  function transact(messages: readonly Buffer[], what: string): void {
    sequence += 1
    for (const bytes of messages) setSequence(bytes, sequence)
    send(Buffer.concat(messages), what)
    // A failure is told before success could be. There may be more than the socket has room for; the first is there.
    collectAnswers(receiveFirst, { first: sequence, count: 1, what }, () => {})
  }

  /** Gives each message the next number; returns the first one's. */
  function number(messages: readonly Buffer[]): number {
    const first = sequence + 1
    for (const bytes of messages) {
      sequence += 1
      setSequence(bytes, sequence)
    }
    return first
  }

  function send(bytes: Buffer, what: string): void {
    if (!open) throw new Error('the netlink socket has been closed')
    drain()
    if (bytes.length > sendSize) {
      sendSize = bytes.length
      check(libc.setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, u32(sendSize * 2), 4), 'setsockopt', what)
    }
    check(libc.send(fd, bytes, bytes.length, 0), 'send', what)
  }

  /** Takes away what an earlier failure left: further answers, and the news that some of them were lost. */
  function drain(): void {
    while (libc.recv(fd, receiveBuffer, receiveBuffer.length, MSG_DONTWAIT) >= 0 || lastErrno() === ENOBUFS);
  }

  function receive(flags = 0): Buffer {
    for (;;) {
      const length = libc.recv(fd, receiveBuffer, receiveBuffer.length, MSG_TRUNC | flags)
      // A socket with a timeout is interrupted by any signal, such as that of a child that ended.
      if (length < 0 && lastErrno() === EINTR) continue
      check(length, 'recv', 'netlink')
      if (length > receiveBuffer.length) throw new KernelError(EMSGSIZE, 'recv', { path: 'netlink' })
      return receiveBuffer.subarray(0, length)
    }
  }

  /** The news that answers were lost comes before those that were not. */
  function receiveFirst(): Buffer {
    try {
      return receive()
    } catch (error) {
      if (!hasCode(error, 'ENOBUFS')) throw error
      return receive(MSG_DONTWAIT)
    }
  }

  function close(): void {
    if (!open) return
    open = false
    closeFd(fd)
  }

  return { request, dump, transact, close, [Symbol.dispose]: close }
}

function openSocket(protocol: number): number {
  const fd = check(libc.socket(AF_NETLINK, SOCK_RAW | O_CLOEXEC, protocol), 'socket', 'netlink')
  try {
    // Connected to the kernel, the socket takes nothing from other processes.
    const kernel = Buffer.alloc(12)
    kernel.writeUInt16LE(AF_NETLINK, 0)
    check(libc.connect(fd, kernel, kernel.length), 'connect', 'netlink')
    const patience = Buffer.alloc(16)
    patience.writeBigInt64LE(PATIENCE_SECONDS, 0)
    check(libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, patience, patience.length), 'setsockopt', 'netlink')
    // Without these an answer has no words, or carries the whole request: no reason to fail.
    for (const option of [NETLINK_EXT_ACK, NETLINK_CAP_ACK]) libc.setsockopt(fd, SOL_NETLINK, option, u32(1), 4)
    return fd
  } catch (error) {
    closeFd(fd)
    throw error
  }
}
