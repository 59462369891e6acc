import { defineCommand } from '../command.ts'

export const command = defineCommand({
  synopsis: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  flags: {},
  args: { min: 2, max: 2 },
  run: async ({ client }, { args }) => {
    const [source = '', target = ''] = args
    const colon = target.indexOf(':', target.lastIndexOf('/') + 1)
    const query = { repo: colon < 0 ? target : target.slice(0, colon), tag: colon < 0 ? '' : target.slice(colon + 1) }
    await client.json('POST', `/images/${source}/tag`, { query })
    return 0
  },
})
