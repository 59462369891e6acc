import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type AbortOptions, failure, hasCode } from '../base/index.ts'
import { closeFd, createPipe, spawnProcess, streamOf } from '../kernel/index.ts'
import { closing, type ExternalFilter, type Inflated, inflate } from './compression.ts'

/** How writing fails when the program has ended: a consequence, never the cause. */
const CLOSED = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']

const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin']

/**
 * Undoes whatever compression the source has; plain data passes. The stream must be read or destroyed, which closes the
 * source. It fails with `corrupt` when the data is damaged or cut off. bzip2 and xz need the program of that name on the
 * host: `unsupported` without it. On the main thread only.
 */
export function decompress(source: AsyncIterable<Uint8Array>, options: AbortOptions = {}): Promise<Inflated> {
  return inflate(source, { ...options, external: filterThrough })
}

const filterThrough: ExternalFilter = async (program, { source, signal }) => {
  const path = FOLDERS.map((folder) => `${folder}/${program}`).find((candidate) => existsSync(candidate))
  if (path === undefined) {
    throw failure('unsupported', `data compressed with ${program} needs the program ${program}, which is not installed`)
  }
  const [stdin, input] = createPipe()
  const [output, stdout] = createPipe()
  const child = spawnProcess({ path, args: ['-dc'], env: [], fds: { 0: stdin, 1: stdout } })
  closeFd(stdin)
  closeFd(stdout)
  const [feeder, result] = [streamOf(input, 'write'), streamOf(output, 'read')]
  const fed = pipeline(source, feeder, { signal }).then(
    () => undefined,
    (error: unknown) => error,
  )

  async function* read(): AsyncGenerator<Uint8Array, void> {
    yield* result
    const { code } = await child.exited
    // A program that has given up reads no more; the source may be silent for long.
    if (code !== 0) feeder.destroy()
    const error = await fed
    if (error !== undefined && !hasCode(error, ...CLOSED)) throw error
    if (code !== 0) throw failure('corrupt', `compressed data is damaged: ${program} exited with ${code}`)
  }

  async function close(): Promise<void> {
    child.kill(9)
    result.destroy()
    feeder.destroy()
    await Promise.all([child.exited, fed])
  }
  return Readable.from(closing(read(), close), { objectMode: false })
}
