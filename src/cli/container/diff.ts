import { defineCommand, ONE_ARGUMENT } from '../command.ts'

const LETTERS = ['C', 'A', 'D'] as const

interface Change {
  readonly Path: string
  readonly Kind: 0 | 1 | 2
}

export const command = defineCommand({
  synopsis: 'CONTAINER',
  flags: {},
  args: ONE_ARGUMENT,
  run: async ({ client, stdout }, { args }) => {
    const changes = await client.json<readonly Change[] | null>('GET', `/containers/${args[0]}/changes`)
    stdout.write((changes ?? []).map(({ Path, Kind }) => `${LETTERS[Kind]} ${Path}\n`).join(''))
    return 0
  },
})
