import { flag } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { inspectNames } from '../inspect.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] NETWORK [NETWORK...]',
  flags: {
    format: flag.string('Format by json or a Go template', { short: 'f' }),
    verbose: flag.boolean('Show more for diagnostics', { short: 'v' }),
  },
  args: SOME_ARGUMENTS,
  run: (context, { values, args }) =>
    inspectNames(context, args, {
      format: values.format,
      fetch: (name) => context.client.json('GET', `/networks/${name}`, { query: { verbose: values.verbose } }),
    }),
})
