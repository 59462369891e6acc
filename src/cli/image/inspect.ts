import { flag } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { inspectNames } from '../inspect.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] IMAGE [IMAGE...]',
  flags: { format: flag.string('Format by json or a Go template', { short: 'f' }) },
  args: SOME_ARGUMENTS,
  run: (context, { values, args }) =>
    inspectNames(context, args, {
      format: values.format,
      fetch: (name) => context.client.json('GET', `/images/${name}/json`),
    }),
})
