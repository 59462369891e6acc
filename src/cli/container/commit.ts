import { flag } from '../../base/index.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  flags: {
    author: flag.string('Who made it (Ann <ann@example.org>)', { short: 'a' }),
    change: flag.list('Apply a Dockerfile instruction to the image', { short: 'c' }),
    message: flag.string('Set the commit message', { short: 'm' }),
    pause: flag.boolean('Freeze the container meanwhile', { short: 'p', initial: true }),
  },
  args: { min: 1, max: 2 },
  run: async ({ client, stdout }, { values, args }) => {
    const [container = '', reference = ''] = args
    const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1)
    const query = {
      container,
      repo: colon < 0 ? reference : reference.slice(0, colon),
      tag: colon < 0 ? '' : reference.slice(colon + 1),
      comment: values.message,
      author: values.author,
      changes: values.change,
      pause: values.pause,
    }
    const { Id } = await client.json<{ Id: string }>('POST', '/commit', { query })
    stdout.write(`${Id}\n`)
    return 0
  },
})
