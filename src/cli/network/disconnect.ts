import { flag } from '../../base/index.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] NETWORK CONTAINER',
  flags: { force: flag.boolean('Take it off the network by force', { short: 'f' }) },
  args: { min: 2, max: 2 },
  run: async ({ client }, { values, args }) => {
    const [network, Container] = args
    await client.json('POST', `/networks/${network}/disconnect`, { body: { Container, Force: values.force } })
    return 0
  },
})
