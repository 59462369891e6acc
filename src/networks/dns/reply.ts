import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import type { Zone } from './directory.ts'

export const RCODE = { formatError: 1, serverFailure: 2, notImplemented: 4 } as const

/** Seconds that an answer may be remembered, as with Docker. */
const TTL = 600
/** What fits into a packet for who does not say more. */
const SMALLEST_UDP = 512
const LARGEST_UDP = 4096
const OPCODE_BITS = 0x7800

/** Reads a query; undefined for bytes that are none. */
export function readQuery(bytes: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(bytes)
    return packet.type === 'query' ? packet : undefined
  } catch {
    return undefined
  }
}

/** What the zone knows of the answer; undefined when somebody outside must be asked. */
export function replyFrom(query: DecodedPacket, zone: Zone): Packet | undefined {
  const [question, ...others] = query.questions ?? []
  if (((query.flags ?? 0) & OPCODE_BITS) !== 0) return failureReply(query, RCODE.notImplemented)
  if (!question || others.length > 0) return failureReply(query, RCODE.formatError)
  if ((question.class ?? 'IN') !== 'IN') return undefined
  if (question.type === 'PTR') return reverseReply(query, { question, zone })
  if (!zone.knows(question.name)) return undefined
  // The name exists: that it has no records of another type is an answer too, and nobody else could know better.
  const wantsAddresses = question.type === 'A' || (question.type as string) === 'ANY'
  const answers = wantsAddresses
    ? zone
        .addressesOf(question.name)
        .map((data): Answer => ({ type: 'A', class: 'IN', name: question.name, ttl: TTL, data }))
    : []
  return reply(query, { answers })
}

function reverseReply(
  query: DecodedPacket,
  { question, zone }: { readonly question: Question; readonly zone: Zone },
): Packet | undefined {
  const [, reversed] = /^((?:\d{1,3}\.){3}\d{1,3})\.in-addr\.arpa$/i.exec(question.name) ?? []
  const name = reversed && zone.nameOf(reversed.split('.').reverse().join('.'))
  if (!name) return undefined
  return reply(query, { answers: [{ type: 'PTR', class: 'IN', name: question.name, ttl: TTL, data: name }] })
}

/** An answer that says what was wrong. */
export function failureReply(query: DecodedPacket, code: number): Packet {
  return reply(query, { code })
}

function reply(
  query: DecodedPacket,
  { answers = [], code = 0 }: { readonly answers?: Answer[]; readonly code?: number },
): Packet {
  const asked = (query.flags ?? 0) & RECURSION_DESIRED
  return {
    type: 'response',
    ...(query.id !== undefined && { id: query.id }),
    flags: asked | RECURSION_AVAILABLE | (code === 0 ? AUTHORITATIVE_ANSWER : 0) | code,
    questions: query.questions ?? [],
    answers,
    additionals: extensionOf(query)
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: LARGEST_UDP,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  }
}

/** How large an answer may be that goes back by UDP. */
export function udpLimitOf(query: DecodedPacket): number {
  const size = extensionOf(query)?.udpPayloadSize ?? SMALLEST_UDP
  return Math.min(Math.max(size, SMALLEST_UDP), LARGEST_UDP)
}

function extensionOf({ additionals = [] }: DecodedPacket) {
  return additionals.find((record) => record.type === 'OPT')
}

/** The bytes of an answer; what does not fit is left out and marked so that the client asks again by TCP. */
export function encodeReply(packet: Packet, limit: number): Buffer {
  const whole = encode(packet)
  if (whole.length <= limit) return whole
  const answers = packet.answers ?? []
  const flags = (packet.flags ?? 0) | TRUNCATED_RESPONSE
  const perAnswer = (whole.length - encode({ ...packet, answers: [] }).length) / Math.max(answers.length, 1)
  const room = Math.floor((limit - (whole.length - perAnswer * answers.length)) / perAnswer)
  return encode({ ...packet, flags, answers: answers.slice(0, Math.max(room, 0)) })
}
