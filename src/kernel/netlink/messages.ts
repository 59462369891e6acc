import { align, parseAttributes, readText } from './attributes.ts'

const HEADER_SIZE = 16
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_DUMP_INTR = 0x10
const NLM_F_CAPPED = 0x100
const NLM_F_ACK_TLVS = 0x200
/** The kernel's sentence among the attributes of an answer. */
const NLMSGERR_ATTR_MSG = 1

/** Flags of requests: netlink(7). */
export const NLM_F = { request: 1, ack: 4, dump: 0x300, excl: 0x200, replace: 0x100, create: 0x400 } as const

/** One request without its sequence number, which the socket gives. The kernel answers it in any case. */
export function message(type: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  return unansweredMessage(type, flags | NLM_F.ack, ...parts)
}

/** A request that is answered only when it fails. */
export function unansweredMessage(type: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const bytes = Buffer.alloc(align(HEADER_SIZE + body.length))
  bytes.writeUInt32LE(HEADER_SIZE + body.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(flags | NLM_F.request, 6)
  bytes.set(body, HEADER_SIZE)
  return bytes
}

export function setSequence(bytes: Buffer, sequence: number): void {
  bytes.writeUInt32LE(sequence >>> 0, 8)
}

/** Something that the kernel sent: a thing asked for, or the answer that ends a request. */
export type Reply = Thing | Answer

export interface Thing {
  readonly kind: 'thing'
  readonly sequence: number
  readonly type: number
  /** Behind the netlink header. */
  readonly payload: Buffer
  /** What a dump lists has changed while it was made: things may be missing. */
  readonly interrupted: boolean
}

export interface Answer {
  readonly kind: 'answer'
  readonly sequence: number
  /** 0 is success. */
  readonly errno: number
  /** The kernel's own sentence about a failure. */
  readonly words: string | undefined
  readonly interrupted: boolean
}

/** The replies in one datagram. Never fails: what is cut off or malformed ends the list. Payloads share the buffer. */
export function parseReplies(bytes: Buffer): Reply[] {
  const replies: Reply[] = []
  for (let at = 0; at + HEADER_SIZE <= bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    if (length < HEADER_SIZE || at + length > bytes.length) break
    replies.push(parseReply(bytes.subarray(at, at + length)))
    at += align(length)
  }
  return replies
}

function parseReply(bytes: Buffer): Reply {
  const type = bytes.readUInt16LE(4)
  const flags = bytes.readUInt16LE(6)
  const sequence = bytes.readUInt32LE(8)
  const payload = bytes.subarray(HEADER_SIZE)
  const interrupted = (flags & NLM_F_DUMP_INTR) !== 0
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return { kind: 'thing', sequence, type, payload, interrupted }
  const errno = payload.length >= 4 ? Math.max(0, -payload.readInt32LE(0)) : 0
  return { kind: 'answer', sequence, errno, words: wordsOf(payload, { type, flags }), interrupted }
}

/** Behind the number of an error lie the request, or its header alone, and the attributes; at the end of a dump only these. */
function wordsOf(payload: Buffer, { type, flags }: { type: number; flags: number }): string | undefined {
  if ((flags & NLM_F_ACK_TLVS) === 0) return undefined
  const attributes = payload.subarray(type === NLMSG_DONE ? 4 : 4 + requestSize(payload, flags))
  return readText(parseAttributes(attributes).get(NLMSGERR_ATTR_MSG))
}

function requestSize(payload: Buffer, flags: number): number {
  const isWhole = (flags & NLM_F_CAPPED) === 0 && payload.length >= 8
  return isWhole ? align(payload.readUInt32LE(4)) : HEADER_SIZE
}
