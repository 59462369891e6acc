import { flag } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER [CONTAINER...]',
  flags: { signal: flag.string('Signal to send', { short: 's' }) },
  args: SOME_ARGUMENTS,
  run: (context, { values, args }) =>
    forEachName(context, args, (name) =>
      context.client.json('POST', `/containers/${name}/kill`, { query: { signal: values.signal || 'KILL' } }),
    ),
})
