import { KernelError } from '../native/errors.ts'
import { check, closeFd, libc, O_CLOEXEC } from '../native/libc.ts'

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_ACK_TLVS = 0x200

export const NLM_F = { request: 1, multi: 2, ack: 4, dump: 0x300, replace: 0x100, excl: 0x200, create: 0x400 } as const
export const NLA_F_NESTED = 0x8000

/** Netlink aligns everything to four bytes. */
export function align(length: number): number {
  return (length + 3) & ~3
}

export function attribute(type: number, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(align(4 + data.length))
  bytes.writeUInt16LE(4 + data.length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(data, 4)
  return bytes
}

export function nested(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return attribute(type, Buffer.concat(parts))
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}

/** One message without its sequence number, which the socket gives. */
export function message(type: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const bytes = Buffer.alloc(align(16 + body.length))
  bytes.writeUInt32LE(16 + body.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(flags | NLM_F.request | NLM_F.ack, 6)
  bytes.set(body, 16)
  return bytes
}

/** Attributes of a payload by type; of a repeated type the last. */
export function parseAttributes(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) break
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += align(length)
  }
  return found
}

export interface Reply {
  readonly type: number
  /** Behind the netlink header. */
  readonly payload: Buffer
}

export interface NetlinkSocket extends Disposable {
  /** Sends all messages in one go and waits for their answers. The first failure is thrown, with the kernel's words. */
  request(messages: readonly Buffer[], what: string): Reply[]
  /** Sends bytes that are messages already and waits for so many answers: for nftables' batches. */
  exchange(bytes: Buffer, options: { readonly answers: number; readonly what: string }): Reply[]
  close(): void
}

const receiveBuffer = Buffer.alloc(256 * 1024)

/** A netlink socket of the calling thread's network namespace. The caller closes. */
export function openNetlink(protocol: number): NetlinkSocket {
  const fd = check(libc.socket(AF_NETLINK, SOCK_RAW | O_CLOEXEC, protocol), 'socket', 'netlink')
  let sequence = 0
  let open = true
  for (const option of [NETLINK_EXT_ACK, NETLINK_CAP_ACK]) libc.setsockopt(fd, SOL_NETLINK, option, u32(1), 4)

  function request(messages: readonly Buffer[], what: string): Reply[] {
    const first = sequence + 1
    for (const bytes of messages) {
      sequence += 1
      bytes.writeUInt32LE(sequence, 8)
    }
    return send(Buffer.concat(messages), first, { count: messages.length, what })
  }

  function exchange(bytes: Buffer, { answers, what }: { answers: number; what: string }): Reply[] {
    sequence += 1
    for (let at = 0; at + 16 <= bytes.length; at += align(bytes.readUInt32LE(at))) bytes.writeUInt32LE(sequence, at + 8)
    return send(bytes, sequence, { count: answers, what })
  }

  function send(bytes: Buffer, first: number, expected: { count: number; what: string }): Reply[] {
    check(libc.send(fd, bytes, bytes.length, 0), 'send', expected.what)
    return receive(first, expected)
  }

  function receive(first: number, { count, what }: { count: number; what: string }): Reply[] {
    const replies: Reply[] = []
    let problem: Error | undefined
    for (let answered = 0; answered < count; ) {
      const length = check(libc.recv(fd, receiveBuffer, receiveBuffer.length, 0), 'recv', what)
      for (const { type, flags, sequence: own, payload } of messagesIn(receiveBuffer.subarray(0, length))) {
        if (own < first) continue
        if (type !== NLMSG_ERROR && type !== NLMSG_DONE) replies.push({ type, payload: Buffer.from(payload) })
        else {
          answered += 1
          const errno = payload.length >= 4 ? -payload.readInt32LE(0) : 0
          if (errno > 0) problem ??= netlinkError(errno, { what, payload, extended: (flags & NLM_F_ACK_TLVS) !== 0 })
        }
      }
    }
    if (problem) throw problem
    return replies
  }

  function close(): void {
    if (!open) return
    open = false
    closeFd(fd)
  }

  return { request, exchange, close, [Symbol.dispose]: close }
}

function* messagesIn(bytes: Buffer): Generator<{ type: number; flags: number; sequence: number; payload: Buffer }> {
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    if (length < 16 || at + length > bytes.length) return
    yield {
      type: bytes.readUInt16LE(at + 4),
      flags: bytes.readUInt16LE(at + 6),
      sequence: bytes.readUInt32LE(at + 8),
      payload: bytes.subarray(at + 16, at + length),
    }
    at += align(length)
  }
}

function netlinkError(
  errno: number,
  { what, payload, extended }: { what: string; payload: Buffer; extended: boolean },
): Error {
  // Behind the error number lies the header of the request (capped), then attributes; 1 is the kernel's sentence.
  const words = extended ? parseAttributes(payload.subarray(20)).get(1) : undefined
  const detail = words ? `${what}: ${words.toString('utf8', 0, Math.max(0, words.length - 1))}` : what
  return new KernelError(errno, 'netlink', detail)
}
