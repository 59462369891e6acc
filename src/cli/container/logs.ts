import { flag } from '../../base/index.ts'
import { defineCommand, ONE_ARGUMENT } from '../command.ts'
import { splitFrames, write } from '../streams.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER',
  flags: {
    details: flag.boolean('Print the log’s extra attributes'),
    follow: flag.boolean('Go on printing as it is written', { short: 'f' }),
    since: flag.string('Begin at this time (2013-01-02T13:23:37Z) or so long ago (42m)'),
    tail: flag.string('Number of lines from the end', { short: 'n', initial: 'all' }),
    timestamps: flag.boolean('Print the time of each line', { short: 't' }),
    until: flag.string('End at this time (2013-01-02T13:23:37Z) or so long ago (42m)'),
  },
  args: ONE_ARGUMENT,
  run: async (context, { values, args }) => {
    const { client, stdout, stderr } = context
    const { Id, Config } = await client.json<{ Id: string; Config: { Tty: boolean } }>(
      'GET',
      `/containers/${args[0]}/json`,
    )
    const query = {
      stdout: 1,
      stderr: 1,
      follow: values.follow,
      since: values.since || undefined,
      until: values.until || undefined,
      tail: values.tail,
      timestamps: values.timestamps,
      details: values.details,
    }
    const { body } = await client.request('GET', `/containers/${Id}/logs`, { query })
    if (Config.Tty) for await (const data of body) await write(stdout, data)
    else for await (const { stream, data } of splitFrames(body)) await write(stream === 2 ? stderr : stdout, data)
    return 0
  },
})
