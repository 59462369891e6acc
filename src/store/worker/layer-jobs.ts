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
  const hash = createHash('sha256')
  const counted = hashing(createReadStream(blob, { highWaterMark: READ_SIZE }), hash)
  try {
    const { stream } = await inflate(counted, { signal: context.signal })
    const { diffId, size } = await unpackInto(target, { archive: stream, lowers, context })
    return { diffId, size, blobDigest: digestOfHash(await completed(blob, hash)) }
  } catch (error) {
    if (!context.signal.aborted) await assertUndamaged(blob, error)
    throw error
  }

  /** Decompression may stop before the end of the file: the digest is about all of it. */
  async function completed(path: string, begun: Hash): Promise<Hash> {
    for await (const bytes of createReadStream(path, { start: counted.bytes(), highWaterMark: READ_SIZE })) {
      begun.update(bytes)
    }
    return begun
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

function hashing(source: AsyncIterable<Buffer>, hash: Hash): AsyncIterable<Buffer> & { bytes(): number } {
  let total = 0
  async function* read(): AsyncGenerator<Buffer, void, void> {
    for await (const bytes of source) {
      hash.update(bytes)
      total += bytes.length
      yield bytes
    }
  }
  return { bytes: () => total, [Symbol.asyncIterator]: read }
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
