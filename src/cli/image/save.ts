import { failure, flag } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { download } from '../download.ts'

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
    await download(body, { output: values.output, stdout })
    return 0
  },
})
