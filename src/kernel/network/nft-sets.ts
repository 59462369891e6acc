import { attribute, NLA_F_NESTED, nested, text, u32be } from '../netlink/attributes.ts'
import { message, NLM_F, unansweredMessage } from '../netlink/messages.ts'
import { openNetlink } from '../netlink/socket.ts'

export type NftFamily = 'ip' | 'ip6' | 'inet'

export interface NftElement {
  readonly key: Buffer
  /** The last key of an interval, in sets of concatenated fields with the interval flag. */
  readonly keyEnd?: Buffer
  /** The value, in maps. */
  readonly data?: Buffer
  /** Marks the first key behind an interval, in sets of one field with the interval flag. */
  readonly endsInterval?: boolean
}

export interface NftElements {
  readonly family: NftFamily
  readonly table: string
  readonly set: string
  readonly elements: readonly NftElement[]
}

/** Elements of sets and maps by raw netlink: a twentieth of a millisecond, whatever the size of the ruleset. */
export interface NftSets extends Disposable {
  /** All or none, however many. KernelError EEXIST when a map has another value for the key, ENOENT without the set. */
  add(elements: NftElements): void
  /** All or none. KernelError ENOENT when one is absent. */
  delete(elements: NftElements): void
  close(): void
}

const NETLINK_NETFILTER = 12
const NFNL_SUBSYS_NFTABLES = 10
const NFNL_MSG_BATCH_BEGIN = 16
const NFNL_MSG_BATCH_END = 17
const NFT_MSG_NEWSETELEM = 12
const NFT_MSG_DELSETELEM = 14
const FAMILY: Readonly<Record<NftFamily, number>> = { inet: 1, ip: 2, ip6: 10 }
const LIST = { table: 1, set: 2, elements: 3, element: 1 }
const ELEMENT = { key: 1, data: 2, flags: 3, keyEnd: 10 }
const DATA_VALUE = 1
const NFT_SET_ELEM_INTERVAL_END = 1
/** The list of elements is one attribute, which holds 64 KiB; an element with all its parts takes less than 300 bytes. */
const MOST_IN_ONE = 200

/** The caller closes. */
export function openNftSets(): NftSets {
  const socket = openNetlink(NETLINK_NETFILTER)
  const change = (type: number, flags: number, elements: NftElements): void => {
    socket.transact(batchOf(type, flags, elements), `${elements.table} ${elements.set}`)
  }
  return {
    add: (elements) => change(NFT_MSG_NEWSETELEM, NLM_F.create, elements),
    delete: (elements) => change(NFT_MSG_DELSETELEM, 0, elements),
    close: socket.close,
    [Symbol.dispose]: socket.close,
  }
}

/** Between its two marks all is one transaction. Only the last change asks for an answer. */
function batchOf(type: number, flags: number, { family, table, set, elements }: NftElements): Buffer[] {
  const mark = netfilterHeader(0, NFNL_SUBSYS_NFTABLES)
  const count = Math.max(1, Math.ceil(elements.length / MOST_IN_ONE))
  const changes = Array.from({ length: count }, (_, at) => {
    const part = elements.slice(at * MOST_IN_ONE, (at + 1) * MOST_IN_ONE)
    const create = at === count - 1 ? message : unansweredMessage
    return create(
      (NFNL_SUBSYS_NFTABLES << 8) | type,
      flags,
      netfilterHeader(FAMILY[family], 0),
      attribute(LIST.table, text(table)),
      attribute(LIST.set, text(set)),
      nested(LIST.elements | NLA_F_NESTED, ...part.map(encodeElement)),
    )
  })
  return [unansweredMessage(NFNL_MSG_BATCH_BEGIN, 0, mark), ...changes, unansweredMessage(NFNL_MSG_BATCH_END, 0, mark)]
}

/** struct nfgenmsg. */
function netfilterHeader(family: number, resource: number): Buffer {
  return Buffer.of(family, 0, resource >> 8, resource & 0xff)
}

export function encodeElement({ key, keyEnd, data, endsInterval = false }: NftElement): Buffer {
  const value = (type: number, bytes: Buffer): Buffer => nested(type | NLA_F_NESTED, attribute(DATA_VALUE, bytes))
  return nested(
    LIST.element | NLA_F_NESTED,
    value(ELEMENT.key, key),
    ...(data ? [value(ELEMENT.data, data)] : []),
    ...(endsInterval ? [attribute(ELEMENT.flags, u32be(NFT_SET_ELEM_INTERVAL_END))] : []),
    ...(keyEnd ? [value(ELEMENT.keyEnd, keyEnd)] : []),
  )
}

/** A concatenated key or value: every field padded to four bytes. */
export function nftConcat(...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(fields.map((field) => Buffer.concat([field, Buffer.alloc((4 - (field.length % 4)) % 4)])))
}

/** The field of type ifname: the name in 16 bytes. Throws a RangeError for a name that no interface can have. */
export function nftIfname(name: string): Buffer {
  const bytes = Buffer.alloc(16)
  if (Buffer.byteLength(name) >= bytes.length) throw new RangeError(`too long for an interface: ${name}`)
  bytes.write(name)
  return bytes
}
