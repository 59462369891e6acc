import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { failure, hasCode, syncFolder, throwIfAborted } from '../base/index.ts'
import { type Digest, digestFromHex, digestOf, isDigest } from '../oci/index.ts'
import { abortable } from './abortable.ts'
import type { Blobs } from './contract.ts'
import type { StorePaths } from './paths.ts'

const READ_LIMIT = 8 << 20
const READ_SIZE = 1 << 18

type Expected = NonNullable<Parameters<Blobs['ingest']>[1]>

/** Files named by their digest need no records: a rename makes them appear whole or not at all. */
export function createBlobs(paths: StorePaths): Blobs {
  function stat(digest: Digest): { readonly size: number } | undefined {
    const found = statSync(paths.blob(digest), { throwIfNoEntry: false })
    return found && { size: found.size }
  }

  function openFile(digest: Digest): number {
    try {
      return openSync(paths.blob(digest), 'r')
    } catch (cause) {
      if (hasCode(cause, 'ENOENT')) throw failure('not-found', `no such blob: ${digest}`, { cause })
      throw cause
    }
  }

  function read(digest: Digest, { limit = READ_LIMIT }: { readonly limit?: number } = {}): Buffer {
    const fd = openFile(digest)
    try {
      const size = stat(digest)?.size ?? 0
      if (size > limit) throw failure('invalid', `blob ${digest} has ${size} bytes, at most ${limit} are read`)
      const content = readFileSync(fd)
      if (digestOf(content) !== digest)
        throw failure('corrupt', `blob ${digest} is damaged: it has ${digestOf(content)}`)
      return content
    } finally {
      closeSync(fd)
    }
  }

  function put(content: Uint8Array): { readonly digest: Digest; readonly size: number } {
    const digest = digestOf(content)
    const result = { digest, size: content.length }
    if (stat(digest)?.size === content.length) return result
    const aside = paths.aside()
    try {
      const fd = openSync(aside, 'wx', 0o644)
      try {
        writeFileSync(fd, content)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(aside, paths.blob(digest))
    } catch (error) {
      rmSync(aside, { force: true })
      throw error
    }
    syncFolder(paths.blobs)
    return result
  }

  async function ingest(source: AsyncIterable<Uint8Array>, expected: Expected = {}) {
    const aside = paths.aside()
    try {
      const file = await open(aside, 'wx', 0o644)
      try {
        const written = await writeVerified(file, { source, expected })
        await file.sync()
        await rename(aside, paths.blob(written.digest))
        await syncFolderLater(paths.blobs)
        return written
      } finally {
        await file.close()
      }
    } catch (error) {
      rmSync(aside, { force: true })
      throw error
    }
  }

  return {
    stat,
    read,
    put,
    ingest,
    open: (digest, range) =>
      createReadStream('', { fd: openFile(digest), highWaterMark: READ_SIZE, start: 0, ...range }),
    path(digest) {
      closeSync(openFile(digest))
      return paths.blob(digest)
    },
    delete: (digest) => rmSync(paths.blob(digest), { force: true }),
    list: () =>
      readdirSync(paths.blobs)
        .map((name) => `sha256:${name}`)
        .filter(isDigest),
  }
}

/** Writes all of the source, hashing it; fails when it is not what is expected, at the earliest byte that shows it. */
async function writeVerified(
  file: FileHandle,
  { source, expected }: { source: AsyncIterable<Uint8Array>; expected: Expected },
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const { limit = Number.POSITIVE_INFINITY, signal } = expected
  const hash = createHash('sha256')
  let size = 0
  for await (const bytes of abortable(source, signal)) {
    size += bytes.length
    if (size > (expected.size ?? size)) {
      throw failure('corrupt', `content is longer than the ${expected.size} bytes that were announced`)
    }
    if (size > limit) throw failure('invalid', `content is longer than the ${limit} bytes that are accepted`)
    // Hashed on this thread while the thread pool writes.
    const written = file.appendFile(bytes)
    hash.update(bytes)
    await written
  }
  throwIfAborted(signal)
  const digest = digestFromHex(hash.digest('hex'))
  if (expected.size !== undefined && size !== expected.size) {
    throw failure('corrupt', `content ends after ${size} bytes, ${expected.size} were announced`)
  }
  if (expected.digest !== undefined && digest !== expected.digest) {
    throw failure('corrupt', `content has digest ${digest}, want ${expected.digest}`)
  }
  return { digest, size }
}

async function syncFolderLater(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
