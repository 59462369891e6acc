import { flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'
import { confirm } from '../confirm.ts'
import { humanSize } from '../format/units.ts'

interface Pruned {
  readonly ImagesDeleted: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null
  readonly SpaceReclaimed: number
}

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: {
    all: flag.boolean('Remove all images without containers, not just those without a name', { short: 'a' }),
    filter: flag.list('Remove only what matches (until=…, label=…)', { type: 'filter' }),
    force: flag.boolean('Do not ask', { short: 'f' }),
  },
  args: NO_ARGUMENTS,
  run: async (context, { values }) => {
    const { client, stdout } = context
    const what = values.all ? 'all images without at least one container associated to them' : 'all dangling images'
    if (!values.force && !(await confirm(context, `WARNING! This will remove ${what}.`))) return 0
    const filters: Record<string, string[]> = { dangling: [String(!values.all)] }
    for (const text of values.filter) {
      const [name = '', value = ''] = text.split(/=(.*)/s)
      filters[name] = [...(filters[name] ?? []), value]
    }
    const query = { filters: JSON.stringify(filters) }
    const { ImagesDeleted, SpaceReclaimed } = await client.json<Pruned>('POST', '/images/prune', { query })
    if (ImagesDeleted?.length) {
      const lines = ImagesDeleted.map(({ Untagged, Deleted }) =>
        Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
      )
      stdout.write(`Deleted Images:\n${lines.join('\n')}\n\n`)
    }
    stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`)
    return 0
  },
})
