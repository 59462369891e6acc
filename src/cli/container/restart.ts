import { flag } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER [CONTAINER...]',
  flags: {
    signal: flag.string('Signal to send first', { short: 's' }),
    time: flag.integer('Seconds to wait before the container is killed', { short: 't' }),
    timeout: flag.integer('Seconds to wait before the container is killed', { hidden: true }),
  },
  args: SOME_ARGUMENTS,
  run: (context, { values, args, given }) => {
    const seconds = given.has('timeout') ? values.timeout : given.has('time') ? values.time : undefined
    const query = { t: seconds, signal: values.signal || undefined }
    return forEachName(context, args, (name) => context.client.json('POST', `/containers/${name}/restart`, { query }))
  },
})
