import koffi from 'koffi'
import { attribute, NLA_F_NESTED, NLM_F, nested, openNetlink, text } from '../netlink/netlink.ts'

/** What libnftables said about a script it refused. */
export class NftError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NftError'
  }
}

/** Rules as text: for whole tables. Half a millisecond a script. */
export interface Nft extends Disposable {
  /** Runs a script as one transaction and gives what it prints; throws NftError and changes nothing when refused. */
  run(script: string): string
  close(): void
}

interface Library {
  readonly create: (flags: number) => unknown
  readonly free: (context: unknown) => void
  readonly run: (context: unknown, script: string) => number
  readonly bufferError: (context: unknown) => number
  readonly bufferOutput: (context: unknown) => number
  readonly error: (context: unknown) => string
  readonly output: (context: unknown) => string
}

let loaded: Library | undefined

/** Loaded at the first use: a program without networks does without the library. */
function library(): Library {
  loaded ??= load()
  return loaded
}

function load(): Library {
  const native = koffi.load('libnftables.so.1')
  return {
    create: native.func('void *nft_ctx_new(uint32_t flags)'),
    free: native.func('void nft_ctx_free(void *context)'),
    run: native.func('int nft_run_cmd_from_buffer(void *context, const char *script)'),
    bufferError: native.func('int nft_ctx_buffer_error(void *context)'),
    bufferOutput: native.func('int nft_ctx_buffer_output(void *context)'),
    error: native.func('const char *nft_ctx_get_error_buffer(void *context)'),
    output: native.func('const char *nft_ctx_get_output_buffer(void *context)'),
  }
}

/** A context of the calling thread's network namespace: open it inside `inNetns` to work there. The caller closes. */
export function openNft(): Nft {
  const nft = library()
  let context: unknown = nft.create(0)
  nft.bufferError(context)
  nft.bufferOutput(context)

  function run(script: string): string {
    if (nft.run(context, script) !== 0) throw new NftError(nft.error(context).trim() || 'nftables refused the script')
    return nft.output(context)
  }

  function close(): void {
    if (context) nft.free(context)
    context = undefined
  }

  return { run, close, [Symbol.dispose]: close }
}

export type NftFamily = 'ip' | 'ip6' | 'inet'

export interface NftElement {
  readonly key: Buffer
  /** End of the interval, in sets with the interval flag. */
  readonly keyEnd?: Buffer
  /** The value, in maps. */
  readonly data?: Buffer
}

export interface NftElements {
  readonly family: NftFamily
  readonly table: string
  readonly set: string
  readonly elements: readonly NftElement[]
}

/** Elements of sets and maps by raw netlink: a twentieth of a millisecond, whatever the size of the ruleset. */
export interface NftSets extends Disposable {
  /** All or none. KernelError EEXIST when a map has another value for the key. */
  add(elements: NftElements): void
  /** All or none. KernelError ENOENT when one is absent. */
  delete(elements: NftElements): void
  close(): void
}

const NETLINK_NETFILTER = 12
const SUBSYSTEM = 10
const NEW_ELEMENT = 12
const DELETE_ELEMENT = 14
const BATCH_BEGIN = 16
const BATCH_END = 17
const FAMILY: Readonly<Record<NftFamily, number>> = { inet: 1, ip: 2, ip6: 10 }

/** The caller closes. */
export function openNftSets(): NftSets {
  const socket = openNetlink(NETLINK_NETFILTER)
  const change = (operation: number, flags: number, elements: NftElements): void => {
    const body = netfilterMessage((SUBSYSTEM << 8) | operation, flags | NLM_F.ack, {
      family: FAMILY[elements.family],
      resource: 0,
      parts: [
        attribute(1, text(elements.table)),
        attribute(2, text(elements.set)),
        nested(3 | NLA_F_NESTED, ...elements.elements.map(encodeElement)),
      ],
    })
    const batch = { family: 0, resource: SUBSYSTEM, parts: [] }
    const bytes = Buffer.concat([netfilterMessage(BATCH_BEGIN, 0, batch), body, netfilterMessage(BATCH_END, 0, batch)])
    socket.exchange(bytes, { answers: 1, what: `${elements.table} ${elements.set}` })
  }
  return {
    add: (elements) => change(NEW_ELEMENT, NLM_F.create, elements),
    delete: (elements) => change(DELETE_ELEMENT, 0, elements),
    close: socket.close,
    [Symbol.dispose]: socket.close,
  }
}

function encodeElement({ key, keyEnd, data }: NftElement): Buffer {
  const parts = [nested(1 | NLA_F_NESTED, attribute(1, key))]
  if (data) parts.push(nested(2 | NLA_F_NESTED, attribute(1, data)))
  if (keyEnd) parts.push(nested(10 | NLA_F_NESTED, attribute(1, keyEnd)))
  return nested(1 | NLA_F_NESTED, ...parts)
}

function netfilterMessage(
  type: number,
  flags: number,
  { family, resource, parts }: { family: number; resource: number; parts: readonly Buffer[] },
): Buffer {
  const body = Buffer.concat(parts)
  const bytes = Buffer.alloc(20 + body.length)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(flags | NLM_F.request, 6)
  bytes[16] = family
  bytes.writeUInt16BE(resource, 18)
  bytes.set(body, 20)
  return bytes
}

/** A concatenated key or value: every field padded to four bytes. */
export function nftConcat(...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(fields.map((field) => Buffer.concat([field, Buffer.alloc((4 - (field.length % 4)) % 4)])))
}

/** The field of type ifname: the name in 16 bytes. */
export function nftIfname(name: string): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.write(name, 0, 15)
  return bytes
}
