import { defineCommand } from '../command.ts'
import { createContainer } from './create-container.ts'
import { CREATE_FLAGS } from './create-flags.ts'
import { chooseStreams, createBody } from './create-request.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  flags: CREATE_FLAGS,
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  interspersed: false,
  run: async (context, { values, args, given }) => {
    const [image = '', ...command] = args
    const streams = chooseStreams(values)
    const body = createBody(values, { image, command, env: context.env, streams, given })
    context.stdout.write(`${await createContainer(context, body, values)}\n`)
    return 0
  },
})
