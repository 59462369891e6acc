import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type AbortOptions, failure } from '../base/index.ts'
import { closeFd, createPipe, spawnProcess, streamOf } from '../kernel/index.ts'
import { type ExternalFilter, type Inflated, inflate } from './compression.ts'

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
  const fed = pipeline(source, streamOf(input, 'write'), { signal }).then(
    () => undefined,
    (error: unknown) => error,
  )

  async function* read(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* streamOf(output, 'read')
      const { code } = await child.exited
      if (code !== 0) throw failure('corrupt', `compressed data is damaged: ${program} exited with ${code}`)
      const error = await fed
      if (error !== undefined) throw error
    } finally {
      child.kill(9)
      await child.exited
      await fed
    }
  }
  return Readable.from(read(), { objectMode: false })
}
