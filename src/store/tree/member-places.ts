import { rmSync } from 'node:fs'
import { failure, hasCode } from '../../base/index.ts'
import { setXattr } from '../../kernel/index.ts'
import type { TarEntry } from '../contract.ts'
import { hostPath, quote } from '../tar/name.ts'
import type { LayerContext } from './layer-context.ts'
import { isWhiteout, lstatOrAbsent, OPAQUE } from './lower-layers.ts'
import { createNode, setModified } from './node-maker.ts'

export interface MemberPlacesOptions {
  /** Folder that members go to, as the thread sees it. */
  readonly base: string
  readonly keepTypes?: boolean | undefined
  readonly layer?: LayerContext | undefined
}

const PLAIN_FOLDER = { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0n } as const

/** The places of an archive's members on disk: finds them, frees them, makes the folders above them. */
export class MemberPlaces {
  readonly #options: MemberPlacesOptions
  /** Times are set when all is unpacked, because every node made in a folder changes them. */
  readonly #folderTimes = new Map<string, bigint>()

  constructor(options: MemberPlacesOptions) {
    this.#options = options
  }

  pathOf(member: string): string {
    const { base } = this.#options
    return member === '' ? base : `${base === '/' ? '' : base}/${member}`
  }

  /** Runs `make`; where something is in the way it is removed first, and missing folders above are made. */
  occupy(entry: TarEntry, { member, make }: { member: string; make: () => void }): void {
    try {
      make()
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) this.createParents(member)
      else if (!hasCode(error, 'EEXIST')) throw error
      this.#clear(entry, member)
      make()
    }
  }

  /** Makes the folders above a member: as the layers below have them, else root's with mode 0755. */
  createParents(member: string): void {
    for (let slash = member.indexOf('/'); slash >= 0; slash = member.indexOf('/', slash + 1)) {
      const parent = member.slice(0, slash)
      const path = this.pathOf(parent)
      const present = lstatOrAbsent(path)
      const isHidden = present !== undefined && this.#options.layer !== undefined && isWhiteout(present)
      if (present && !isHidden) continue
      const model = isHidden ? undefined : this.#options.layer?.folder(parent)
      if (isHidden) rmSync(hostPath(path))
      createNode(path, model ?? { ...PLAIN_FOLDER, name: parent })
      if (isHidden) makeOpaque(path)
      if (model) this.#folderTimes.set(path, model.mtime)
    }
  }

  /** The folder's time is to be this one once all is unpacked. */
  keepTime(path: string, mtime: bigint): void {
    this.#folderTimes.set(path, mtime)
  }

  setTimes(): void {
    for (const [path, mtime] of this.#folderTimes) {
      try {
        setModified(path, mtime)
      } catch (error) {
        // A later member may have taken the folder's place.
        if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error
      }
    }
  }

  #clear(entry: TarEntry, member: string): void {
    const path = this.pathOf(member)
    const present = lstatOrAbsent(path)
    if (!present) return
    if (this.#options.keepTypes && present.isDirectory() !== (entry.type === 'directory')) {
      const [here, there] = present.isDirectory() ? ['directory', 'non-directory'] : ['non-directory', 'directory']
      throw failure('invalid', `cannot overwrite ${here} ${quote(path)} with ${there} ${quote(entry.name)}`)
    }
    rmSync(hostPath(path), { recursive: true, force: true })
  }
}

/** Hides what the layers below have in that folder. */
export function makeOpaque(path: string): void {
  setXattr(path, OPAQUE, Buffer.from('y'))
}
