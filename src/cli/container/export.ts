import { failure, flag } from '../../base/index.ts'
import { defineCommand, ONE_ARGUMENT } from '../command.ts'
import { download } from '../download.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER',
  flags: { output: flag.string('Write to a file instead of standard output', { short: 'o' }) },
  args: ONE_ARGUMENT,
  run: async ({ client, stdout }, { values, args }) => {
    if (values.output === '' && stdout.isTTY) {
      throw failure('invalid', 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    }
    const { body } = await client.request('GET', `/containers/${args[0]}/export`)
    await download(body, { output: values.output, stdout })
    return 0
  },
})
