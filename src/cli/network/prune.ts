import { flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'
import { confirm } from '../confirm.ts'
import { encodeFilters } from '../filters.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: {
    filter: flag.list('Remove only what matches (until=…, label=…)', { type: 'filter' }),
    force: flag.boolean('Do not ask', { short: 'f' }),
  },
  args: NO_ARGUMENTS,
  run: async (context, { values }) => {
    const { client, stdout } = context
    const warning = 'WARNING! This will remove all custom networks not used by at least one container.'
    if (!values.force && !(await confirm(context, warning))) return 0
    const query = { filters: encodeFilters(values.filter) }
    const { NetworksDeleted } = await client.json<{ NetworksDeleted: string[] | null }>('POST', '/networks/prune', {
      query,
    })
    if (NetworksDeleted?.length) stdout.write(`Deleted Networks:\n${NetworksDeleted.join('\n')}\n\n`)
    return 0
  },
})
