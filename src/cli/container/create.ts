import { defineCommand } from '../command.ts'
import { createContainer } from './create-container.ts'
import { CREATE_FLAGS } from './create-flags.ts'
import { createBody } from './create-request.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  flags: CREATE_FLAGS,
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  interspersed: false,
  run: async (context, { values, args }) => {
    const [image = '', ...command] = args
    const streams = { stdin: values.interactive, stdout: true, stderr: true }
    const body = createBody(values, { image, command, env: context.env, streams })
    context.stdout.write(`${await createContainer(context, body, values)}\n`)
    return 0
  },
})
