import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { write } from './streams.ts'

/** Writes an answer to a file, or to standard output for ''. Aside first: a failure leaves no half of it under its name. */
export async function download(
  body: AsyncIterable<Buffer>,
  { output, stdout }: { readonly output: string; readonly stdout: NodeJS.WriteStream },
): Promise<void> {
  if (output === '') {
    for await (const chunk of body) await write(stdout, chunk)
    return
  }
  const aside = `${output}.part`
  try {
    await pipeline(body, createWriteStream(aside, { mode: 0o600 }))
    renameSync(aside, output)
  } finally {
    rmSync(aside, { force: true })
  }
}
