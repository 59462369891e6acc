import { openSync, readSync } from 'node:fs'
import type { TarEntry } from '../contract.ts'
import { hostPath } from '../tar/name.ts'
import { findInLowers } from './lower-layers.ts'
import { describeNode } from './node-entry.ts'

/** What an archive's members may need from the layers below while they are unpacked. */
export interface LayerContext {
  /** The folder that the layers below show at a place, to be made again in this one. */
  folder(member: string): TarEntry | undefined
  /** The regular file that they show, with its content, to be linked to. The caller closes `fd`. */
  openFile(member: string): { readonly entry: TarEntry; readonly fd: number } | undefined
}

/** `outside` runs its work with the view of the host, on which the lower folders are. */
export function createLayerContext(lowers: readonly string[], outside: <T>(work: () => T) => T): LayerContext {
  function find(member: string, type: TarEntry['type']): { path: string; entry: TarEntry } | undefined {
    const found = findInLowers(lowers, member)
    const entry = found && describeNode(found.path, { stat: found.stat, name: member })
    return found && entry?.type === type ? { path: found.path, entry } : undefined
  }
  return {
    folder: (member) => outside(() => find(member, 'directory')?.entry),
    openFile: (member) =>
      outside(() => {
        const found = find(member, 'file')
        return found && { entry: found.entry, fd: openSync(hostPath(found.path), 'r') }
      }),
  }
}

/** Hands the content of a file on in pieces, each valid during the call only. */
export function readPieces(fd: number, take: (bytes: Buffer, offset: number) => void): void {
  const buffer = Buffer.allocUnsafe(1 << 18)
  let offset = 0
  for (let count = 1; count > 0; offset += count) {
    count = readSync(fd, buffer, 0, buffer.length, offset)
    if (count > 0) take(buffer.subarray(0, count), offset)
  }
}
