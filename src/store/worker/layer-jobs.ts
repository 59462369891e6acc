import { createHash, type Hash } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, openSync, writeSync } from 'node:fs'
import { failure } from '../../base/index.ts'
import { type Digest, digestFromHex } from '../../oci/index.ts'
import { inflate } from '../compression.ts'
import { TarParser } from '../tar/parser.ts'
import { TreeExtractor } from '../tree/extractor.ts'
import { createLayerContext } from '../tree/layer-context.ts'
import { packTree } from '../tree/packer.ts'
import { createTurns, type Job, type JobContext, openFolder } from './job.ts'

const READ_SIZE = 1 << 20

export const unpackLayer: Job<'unpack-layer'> = async ({ blob, target, lowers }, context) => {
  const counted = hashing(createReadStream(blob, { highWaterMark: READ_SIZE }))
  try {
    const { compression, stream } = await inflate(counted, { signal: context.signal })
    // A plain archive is its own blob: one digest serves for both.
    if (compression === 'none') counted.stop()
    const { diffId, size } = await unpackInto(target, { archive: stream, lowers, context })
    return { diffId, size, blobDigest: compression === 'none' ? diffId : await counted.digest(blob) }
  } catch (error) {
    if (!context.signal.aborted) await assertUndamaged(blob, error)
    throw error
  }
}

export const packLayer: Job<'pack-layer'> = async ({ upper, blob, target }, context) => {
  using source = openFolder(upper)
  const turns = createTurns(context.signal)
  const steps = packTree({ path: '/', name: '', whiteouts: true })
  const next = () => context.confinement.inside(source.fd, () => steps.next())
  const hash = createHash('sha256')
  let blobSize = 0
  const out = openSync(blob, 'wx', 0o644)
  try {
    async function* archive(): AsyncGenerator<Buffer, void, void> {
      for (let step = next(); !step.done; step = next()) {
        await turns.breathe()
        for (let at = 0; at < step.value.length; ) at += writeSync(out, step.value, at)
        blobSize += step.value.length
        yield step.value
      }
    }
    const { diffId, size } = await unpackInto(target, { archive: archive(), lowers: [], context, hash })
    fsyncSync(out)
    return { digest: diffId, blobSize, size }
  } finally {
    context.confinement.inside(source.fd, () => steps.return())
    closeSync(out)
  }
}

/** Unpacks an archive into an empty folder as a layer, hashing it on the way. */
async function unpackInto(
  target: string,
  {
    archive,
    lowers,
    context,
    hash = createHash('sha256'),
  }: { archive: AsyncIterable<Buffer>; lowers: readonly string[]; context: JobContext; hash?: Hash },
): Promise<{ readonly diffId: Digest; readonly size: number }> {
  using folder = openFolder(target)
  const { inside, outside } = context.confinement
  const turns = createTurns(context.signal)
  const layer = createLayerContext(lowers, (work) => outside(folder.fd, work))
  const extractor = new TreeExtractor({ base: '/', layer })
  const parser = new TarParser(extractor)
  try {
    for await (const bytes of archive) {
      await turns.breathe()
      hash.update(bytes)
      inside(folder.fd, () => parser.write(bytes))
    }
    parser.finish()
    inside(folder.fd, () => extractor.finish())
  } finally {
    extractor.close()
  }
  return { diffId: digestOfHash(hash), size: extractor.size }
}

interface HashedSource extends AsyncIterable<Buffer> {
  /** Hashes no more: the digest is not wanted. */
  stop(): void
  /** Digest of the whole file, of which decompression may have left the end unread. */
  digest(path: string): Promise<Digest>
}

function hashing(source: AsyncIterable<Buffer>): HashedSource {
  const hash = createHash('sha256')
  let total = 0
  let isWanted = true

  async function* read(): AsyncGenerator<Buffer, void, void> {
    for await (const bytes of source) {
      if (isWanted) hash.update(bytes)
      total += bytes.length
      yield bytes
    }
  }

  async function digest(path: string): Promise<Digest> {
    for await (const bytes of createReadStream(path, { start: total, highWaterMark: READ_SIZE })) hash.update(bytes)
    return digestOfHash(hash)
  }

  function stop(): void {
    isWanted = false
  }
  return { stop, digest, [Symbol.asyncIterator]: read }
}

/** Tells a bad archive from a good one that the disk has spoiled: a blob's name is its digest. */
async function assertUndamaged(blob: string, cause: unknown): Promise<void> {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(blob, { highWaterMark: READ_SIZE })) hash.update(bytes)
  const hex = hash.digest('hex')
  if (!blob.endsWith(`/${hex}`)) {
    throw failure('corrupt', `blob ${blob} is damaged: its content has digest sha256:${hex}`, { cause })
  }
}

function digestOfHash(hash: Hash): Digest {
  return digestFromHex(hash.digest('hex'))
}
