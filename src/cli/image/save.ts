import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { failure, flag } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { write } from '../streams.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] IMAGE [IMAGE...]',
  flags: {
    output: flag.string('Write to a file instead of standard output', { short: 'o' }),
    platform: flag.string('Save one platform only'),
  },
  args: SOME_ARGUMENTS,
  run: async ({ client, stdout }, { values, args }) => {
    if (values.output === '' && stdout.isTTY) {
      throw failure('invalid', 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    }
    const query = { names: args, platform: values.platform || undefined }
    const { body } = await client.request('GET', '/images/get', { query })
    if (values.output === '') {
      for await (const chunk of body) await write(stdout, chunk)
      return 0
    }
    // Aside first: a save that fails must not leave half an archive under the wanted name.
    const aside = `${values.output}.part`
    try {
      await pipeline(body, createWriteStream(aside, { mode: 0o600 }))
      renameSync(aside, values.output)
    } finally {
      rmSync(aside, { force: true })
    }
    return 0
  },
})
