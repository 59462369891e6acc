import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'

export const command = defineCommand({
  synopsis: 'CONTAINER [CONTAINER...]',
  flags: {},
  args: SOME_ARGUMENTS,
  run: (context, { args }) =>
    forEachName(context, args, async (name) => {
      const { StatusCode } = await context.client.json<{ StatusCode: number }>('POST', `/containers/${name}/wait`)
      return String(StatusCode)
    }),
})
