import { flag, isKind } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'

export const command = defineCommand({
  synopsis: 'NETWORK [NETWORK...]',
  flags: { force: flag.boolean('A network that is not there is no failure', { short: 'f' }) },
  args: SOME_ARGUMENTS,
  run: (context, { values, args }) =>
    forEachName(context, args, async (name) => {
      try {
        await context.client.json('DELETE', `/networks/${name}`)
      } catch (error) {
        if (!values.force || !isKind(error, 'not-found')) throw error
      }
      return name
    }),
})
