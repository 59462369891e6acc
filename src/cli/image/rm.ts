import { failure, flag, messageOf } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'

interface Removed {
  readonly Untagged?: string
  readonly Deleted?: string
}

export const command = defineCommand({
  synopsis: '[OPTIONS] IMAGE [IMAGE...]',
  flags: {
    force: flag.boolean('Remove it although containers or other names use it', { short: 'f' }),
    'no-prune': flag.boolean('Keep parents that have no name'),
  },
  args: SOME_ARGUMENTS,
  run: async ({ client, stdout }, { values, args }) => {
    const query = { force: values.force, noprune: values['no-prune'] }
    const problems: string[] = []
    for (const name of args) {
      try {
        for (const { Untagged, Deleted } of await client.json<Removed[]>('DELETE', `/images/${name}`, { query })) {
          stdout.write(Untagged ? `Untagged: ${Untagged}\n` : `Deleted: ${Deleted}\n`)
        }
      } catch (error) {
        problems.push(messageOf(error))
      }
    }
    if (problems.length > 0) throw failure('conflict', problems.join('\n'))
    return 0
  },
})
