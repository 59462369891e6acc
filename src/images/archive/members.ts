import { posix } from 'node:path'
import { type AbortOptions, failure } from '../../base/index.ts'
import { type Digest, digestOf, parseDigest } from '../../oci/index.ts'
import { decompress, readTar, type Store, type TarMember } from '../../store/index.ts'

/** Content that lies whole in the content store. */
export interface Content {
  readonly digest: Digest
  readonly size: number
}

/**
 * The files of an archive by name. A name is only ever looked up here, so that one which leads outside (`../x`) means
 * what it means below `/`, and reaches nothing.
 */
export interface Members {
  has(name: string): boolean
  /** The file's content, put into the content store if it is not there. `invalid` when the archive has no such file. */
  content(name: string): Content
  /** The whole file; `invalid` when it is absent or longer than `limit`. */
  read(name: string, limit: number): Buffer
}

type Member = ({ readonly kind: 'content'; readonly bytes?: Buffer } & Content) | { kind: 'link'; target: string }

/** Larger files go straight to the content store, where a layer has to end up anyway. */
const SMALL = 64 * 1024
const SMALL_TOTAL = 16 << 20
const COUNT_LIMIT = 100_000
const NAMES_LIMIT = 16 << 20
const LINK_LIMIT = 40

/**
 * Reads a whole archive, compressed or not. Hold a lease: what it brings into the content store belongs to nobody yet.
 * `invalid` for what is not an archive, is cut off, or has absurdly many members.
 */
export async function readMembers(
  source: AsyncIterable<Uint8Array>,
  { store, signal }: { readonly store: Store } & AbortOptions,
): Promise<Members> {
  const members = new Map<string, Member>()
  const room = { names: NAMES_LIMIT, small: SMALL_TOTAL }
  const { stream } = await decompress(source, { signal })
  const { counted, bound } = createBound(stream)
  for await (const { entry, body } of readTar(counted, { signal })) {
    const name = normalize(entry.name)
    room.names -= name.length + (entry.linkName?.length ?? 0)
    if (members.size >= COUNT_LIMIT || room.names < 0) {
      throw failure('invalid', `invalid archive: more than ${COUNT_LIMIT} members`)
    }
    if (entry.type === 'file')
      members.set(name, await keepFile({ entry, body: bound(body) }, { name, store, room, signal }))
    else if (entry.type === 'symlink') members.set(name, { kind: 'link', target: resolve(name, entry.linkName) })
    else if (entry.type === 'hardlink') members.set(name, { kind: 'link', target: normalize(entry.linkName ?? '') })
  }
  return createMembers(members, store)
}

/** Holes are written as zeros here: files that hold more than the archive has brought so far are refused. */
function createBound(source: AsyncIterable<Buffer>): {
  readonly counted: AsyncIterable<Buffer>
  bound(body: AsyncIterable<Buffer>): AsyncIterable<Buffer>
} {
  let room = 0
  async function* count(): AsyncGenerator<Buffer, void> {
    for await (const bytes of source) {
      room += bytes.length
      yield bytes
    }
  }
  async function* bound(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const bytes of body) {
      room -= bytes.length
      if (room < 0) throw failure('invalid', 'invalid archive: sparse members are not accepted')
      yield bytes
    }
  }
  return { counted: count(), bound }
}

async function keepFile(
  { entry, body }: TarMember,
  { name, store, room, signal }: { name: string; store: Store; room: { small: number } } & AbortOptions,
): Promise<Member> {
  if (entry.size <= SMALL && entry.size <= room.small) {
    room.small -= entry.size
    const bytes = Buffer.concat(await Array.fromAsync(body))
    return { kind: 'content', bytes, digest: digestOf(bytes), size: bytes.length }
  }
  const known = knownContent(name, { store, size: entry.size })
  return { kind: 'content', ...(known ?? (await store.blobs.ingest(body, { size: entry.size, signal }))) }
}

/**
 * A file that is named by the digest of content which is here already need not be read: whoever asks for the name gets
 * the content that was verified when it came in.
 */
function knownContent(name: string, { store, size }: { store: Store; size: number }): Content | undefined {
  const hex = /^\/blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1]
  if (hex === undefined) return undefined
  const digest = parseDigest(`sha256:${hex}`)
  return store.blobs.stat(digest)?.size === size ? { digest, size } : undefined
}

function createMembers(members: ReadonlyMap<string, Member>, store: Store): Members {
  function find(name: string): (Member & { kind: 'content' }) | undefined {
    let member = members.get(normalize(name))
    for (let links = 0; member?.kind === 'link'; links += 1) {
      if (links === LINK_LIMIT) {
        throw failure('invalid', `invalid archive: too many levels of symbolic links at ${show(name)}`)
      }
      member = members.get(member.target)
    }
    return member
  }

  function get(name: string): Member & { kind: 'content' } {
    const member = find(name)
    if (member) return member
    throw failure('invalid', `invalid archive: ${show(name)} is named and missing`)
  }

  return {
    has: (name) => find(name) !== undefined,
    content: (name) => {
      const { bytes, digest, size } = get(name)
      return bytes ? store.blobs.put(bytes) : { digest, size }
    },
    read: (name, limit) => {
      const { bytes, digest, size } = get(name)
      if (size > limit) {
        throw failure('invalid', `invalid archive: ${show(name)} has ${size} bytes, at most ${limit} are accepted`)
      }
      return bytes ?? store.blobs.read(digest, { limit })
    },
  }
}

function normalize(name: string): string {
  return posix.resolve('/', name.replace(/^\/+/, ''))
}

function resolve(name: string, target = ''): string {
  return posix.resolve(posix.dirname(name), target)
}

function show(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
}
