import { randomBytes } from 'node:crypto'
import { closeSync, fchmodSync, fchownSync, ftruncateSync, linkSync, renameSync, writeSync } from 'node:fs'
import { failure, hasCode, messageOf, SlipwayError } from '../../base/index.ts'
import { setTimesFd } from '../../kernel/index.ts'
import type { TarEntry } from '../contract.ts'
import { hostPath, memberPath, quote } from '../tar/name.ts'
import type { TarHandler } from '../tar/parser.ts'
import { readPieces } from './layer-context.ts'
import { isWhiteout, lstatOrAbsent } from './lower-layers.ts'
import { MemberPlaces, type MemberPlacesOptions, makeOpaque } from './member-places.ts'
import { createFile, createNode, setMetadata, setXattrs } from './node-maker.ts'
import { applyWhiteout, isWhiteoutName } from './whiteouts.ts'

/** With `layer` set, `.wh.` members become overlay whiteouts, and what is missing is looked up in the layers below. */
export interface ExtractorOptions extends MemberPlacesOptions {
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
}

interface OpenFile {
  readonly fd: number
  /** Where it is written, and the path it gets when that is another. */
  readonly place: string
  readonly path: string
  readonly entry: TarEntry
}

/** Length and alignment of what is looked at as a hole. */
const HOLE = 1 << 16
const ZEROS = Buffer.alloc(HOLE)

/**
 * Puts the members of an archive on disk, synchronously. The thread must be confined to a root around the base: links
 * are followed by the kernel, which then cannot leave it. Every failure that the archive causes is `invalid` and names
 * the member; a full disk is `unavailable`. After a failure only `close` may be called.
 */
export class TreeExtractor implements TarHandler {
  readonly #options: ExtractorOptions
  readonly #places: MemberPlaces
  #file: OpenFile | undefined
  #written = 0
  #size = 0

  constructor(options: ExtractorOptions) {
    this.#options = options
    this.#places = new MemberPlaces(options)
  }

  /** Sum of the sizes of the files so far. */
  get size(): number {
    return this.#size
  }

  entry(found: TarEntry): void {
    const { owner } = this.#options
    const entry = owner ? { ...found, ...owner } : found
    naming(entry, () => this.#create(entry, memberPath(entry.name)))
  }

  data(bytes: Buffer, offset: number): void {
    const file = this.#file
    if (file) naming(file.entry, () => this.#write(file.fd, { bytes, offset }))
  }

  end(): void {
    const file = this.#file
    if (file) naming(file.entry, () => this.#complete(file))
  }

  /** Completes the tree after the last member. */
  finish(): void {
    this.#places.setTimes()
  }

  /** Gives back what is open. May be called at any time, more than once. */
  close(): void {
    if (this.#file) closeSync(this.#file.fd)
    this.#file = undefined
  }

  #create(entry: TarEntry, member: string): void {
    const { layer } = this.#options
    if (layer && isWhiteoutName(member)) applyWhiteout(this.#places, member)
    else if (member === '') this.#createRoot(entry)
    else if (entry.type === 'file') this.#createFile(entry, member)
    else if (entry.type === 'directory') this.#createFolder(entry, member)
    else if (entry.type === 'hardlink') this.#createHardLink(entry, member)
    else this.#places.occupy(entry, { member, make: () => createNode(this.#places.pathOf(member), entry) })
  }

  /** A layer says what the root is like; an archive that is copied in leaves the folder it goes to as it is. */
  #createRoot(entry: TarEntry): void {
    if (entry.type !== 'directory') throw failure('invalid', 'the root of an archive must be a folder')
    if (!this.#options.layer) return
    setMetadata(this.#options.base, entry)
    this.#places.keepTime(this.#options.base, entry.mtime)
  }

  #createFolder(entry: TarEntry, member: string): void {
    const path = this.#places.pathOf(member)
    const present = lstatOrAbsent(path)
    if (present?.isDirectory()) setMetadata(path, entry)
    else {
      this.#places.occupy(entry, { member, make: () => createNode(path, entry) })
      // A folder that this layer deletes and makes anew must not show what the lower one holds.
      if (this.#options.layer && present && isWhiteout(present)) makeOpaque(path)
    }
    this.#places.keepTime(path, entry.mtime)
  }

  #createFile(entry: TarEntry, member: string): void {
    const path = this.#places.pathOf(member)
    this.#written = 0
    this.#size += entry.size
    if (!Number.isSafeInteger(this.#size)) throw failure('invalid', 'sizes beyond what can be counted')
    if (path.isWellFormed()) {
      const make = (): void => this.#open({ fd: createFile(path, entry.mode), place: path, path, entry })
      this.#places.occupy(entry, { member, make })
      return
    }
    // Native calls need a path that is text: the place is taken now and the file moved there when it is complete.
    this.#places.occupy(entry, { member, make: () => closeSync(createFile(path, 0)) })
    const place = this.#places.pathOf(`.slipway-${randomBytes(8).toString('hex')}`)
    this.#open({ fd: createFile(place, entry.mode), place, path, entry })
  }

  #open(file: OpenFile): void {
    this.#file = file
  }

  #complete({ fd, place, path, entry }: OpenFile): void {
    if (this.#written < entry.size) ftruncateSync(fd, entry.size)
    fchownSync(fd, entry.uid, entry.gid)
    fchmodSync(fd, entry.mode & 0o7777)
    setXattrs(place, entry)
    setTimesFd(fd, { mtime: entry.mtime, atime: entry.mtime })
    this.close()
    if (place !== path) renameSync(place, hostPath(path))
  }

  #createHardLink(entry: TarEntry, member: string): void {
    const target = memberPath(entry.linkName ?? '')
    if (target === '') throw failure('invalid', 'a hard link to the root')
    if (target === member) return
    this.#bringUp(target)
    const make = (): void => linkSync(hostPath(this.#places.pathOf(target)), hostPath(this.#places.pathOf(member)))
    this.#places.occupy(entry, { member, make })
  }

  /** Copies the target of a hard link out of the layers below, unless this archive has it. */
  #bringUp(member: string): void {
    const path = this.#places.pathOf(member)
    if (lstatOrAbsent(path)) return
    const lower = this.#options.layer?.openFile(member)
    if (!lower) throw failure('invalid', `a hard link to ${quote(member)}, which is not there`)
    try {
      this.#places.createParents(member)
      this.#createFile(lower.entry, member)
      // Docker counts what an archive brings; this copy is the lower layer's.
      this.#size -= lower.entry.size
      readPieces(lower.fd, (bytes, offset) => this.data(bytes, offset))
      this.end()
    } finally {
      closeSync(lower.fd)
    }
  }

  /** Leaves out stretches of zeros, which become holes: archives seldom say that a file is sparse. */
  #write(fd: number, { bytes, offset }: { bytes: Buffer; offset: number }): void {
    let start = 0
    for (let at = 0; at < bytes.length; ) {
      const stretch = bytes.subarray(at, at + HOLE - ((offset + at) % HOLE))
      at += stretch.length
      if (stretch[0] !== 0 || stretch.length < HOLE || !stretch.equals(ZEROS)) continue
      this.#put(fd, { bytes: bytes.subarray(start, at - stretch.length), offset: offset + start })
      start = at
    }
    this.#put(fd, { bytes: bytes.subarray(start), offset: offset + start })
  }

  #put(fd: number, { bytes, offset }: { bytes: Buffer; offset: number }): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at)
    if (bytes.length > 0) this.#written = offset + bytes.length
  }
}

/** What a name, a link or a size in an archive can bring about on a healthy disk. */
const BY_ARCHIVE = [
  'E2BIG',
  'EACCES',
  'EBUSY',
  'EEXIST',
  'EFBIG',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENOTEMPTY',
  'EPERM',
  'ERANGE',
  'ERR_INVALID_ARG_VALUE',
  'ERR_OUT_OF_RANGE',
  'EXDEV',
]

/** Turns an error into one that says which member of the archive it is about. */
function naming(entry: TarEntry, work: () => void): void {
  try {
    work()
  } catch (error) {
    const known = error instanceof SlipwayError ? error.kind : undefined
    const kind =
      known ?? (hasCode(error, ...BY_ARCHIVE) ? 'invalid' : hasCode(error, 'ENOSPC', 'EDQUOT') && 'unavailable')
    if (!kind) throw error
    throw failure(kind, `cannot unpack ${quote(entry.name)}: ${messageOf(error)}`, { cause: error })
  }
}
