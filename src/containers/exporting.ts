import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { AbortOptions } from '../base/index.ts'
import type { Entry } from './catalog.ts'
import type { Household } from './household.ts'
import { holdRoot } from './root-holds.ts'

/** The root filesystem as a tar. A container that does not run is mounted for as long as the stream is read. */
export async function exportRoot(
  household: Household,
  { entry, signal }: { readonly entry: Entry } & AbortOptions,
): Promise<Readable> {
  const { store, announce, log } = household
  const root = await holdRoot(household, entry)
  announce('export', entry)
  const packed = store.trees.pack(root.path, signal ? { signal } : {})
  const stream = new PassThrough()
  void pipeline(packed, stream)
    .catch(() => {})
    .then(() => root[Symbol.asyncDispose]())
    .catch((error: unknown) => log.warn({ container: entry.id, error }, 'an exported container stays mounted'))
  return stream
}
