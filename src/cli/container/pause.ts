import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'

export const command = defineCommand({
  synopsis: 'CONTAINER [CONTAINER...]',
  flags: {},
  args: SOME_ARGUMENTS,
  run: (context, { args }) =>
    forEachName(context, args, (name) => context.client.json('POST', `/containers/${name}/pause`)),
})
