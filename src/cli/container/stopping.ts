import { flag } from '../../base/index.ts'
import { type Command, defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'

/** `stop` and `restart` differ only in what the daemon does afterwards. */
export function stoppingCommand(verb: 'stop' | 'restart'): Command {
  return defineCommand({
    synopsis: '[OPTIONS] CONTAINER [CONTAINER...]',
    flags: {
      signal: flag.string('Signal to send first', { short: 's' }),
      timeout: flag.integer('Seconds to wait before the container is killed', { short: 't', aliases: ['time'] }),
    },
    args: SOME_ARGUMENTS,
    run: (context, { values, args, given }) => {
      const query = { t: given.has('timeout') ? values.timeout : undefined, signal: values.signal || undefined }
      return forEachName(context, args, (name) => context.client.json('POST', `/containers/${name}/${verb}`, { query }))
    },
  })
}
