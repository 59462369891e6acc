import { defineCommand } from '../command.ts'

export const command = defineCommand({
  synopsis: 'CONTAINER NEW_NAME',
  flags: {},
  args: { min: 2, max: 2 },
  run: async ({ client }, { args: [from, to] }) => {
    await client.json('POST', `/containers/${from}/rename`, { query: { name: to } })
    return 0
  },
})
