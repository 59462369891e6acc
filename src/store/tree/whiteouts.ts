import { failure } from '../../base/index.ts'
import type { TarEntry } from '../contract.ts'
import { lstatOrAbsent } from './lower-layers.ts'
import { type MemberPlaces, makeOpaque } from './member-places.ts'
import { createNode } from './node-maker.ts'

/** Deletions in layer archives (image-spec, layer.md, "Whiteouts") and in overlay folders. */
const PREFIX = '.wh.'
/** Metadata of aufs, from which the format comes. */
const META = '.wh..wh.'
const OPAQUE_NAME = '.wh..wh..opq'

const NODE = { type: 'character', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0n, major: 0, minor: 0 } as const

export function isWhiteoutName(member: string): boolean {
  return member.startsWith(PREFIX, member.lastIndexOf('/') + 1)
}

/** Hides a name of the layers below, or all that they have in a folder. `invalid` for a whiteout of nothing. */
export function applyWhiteout(places: MemberPlaces, member: string): void {
  const slash = member.lastIndexOf('/')
  const name = member.slice(slash + 1)
  if (name === OPAQUE_NAME) {
    places.createParents(member)
    makeOpaque(places.pathOf(member.slice(0, Math.max(slash, 0))))
  } else if (!name.startsWith(META)) {
    const hidden = name.slice(PREFIX.length)
    if (hidden === '' || hidden === '.' || hidden === '..') throw failure('invalid', 'a whiteout of nothing')
    hide(places, member.slice(0, slash + 1) + hidden)
  }
}

function hide(places: MemberPlaces, member: string): void {
  const path = places.pathOf(member)
  const present = lstatOrAbsent(path)
  // Whiteouts are about the layers below: what this layer itself has at the place stays.
  if (present?.isDirectory()) makeOpaque(path)
  else if (!present) {
    const entry = { ...NODE, name: member }
    places.occupy(entry, { member, make: () => createNode(path, entry) })
  }
}

/** The archive entry for a whiteout node at `name`. */
export function whiteoutEntry(name: string, mtime: bigint): TarEntry {
  const slash = name.lastIndexOf('/') + 1
  return marker(`${name.slice(0, slash)}${PREFIX}${name.slice(slash)}`, mtime)
}

/** The archive entry that makes a folder opaque. */
export function opaqueEntry(folder: string, mtime: bigint): TarEntry {
  return marker(`${folder === '' ? '' : `${folder}/`}${OPAQUE_NAME}`, mtime)
}

function marker(name: string, mtime: bigint): TarEntry {
  return { name, type: 'file', mode: 0o600, uid: 0, gid: 0, size: 0, mtime }
}
