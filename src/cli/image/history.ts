import { flag } from '../../base/index.ts'
import { defineCommand, ONE_ARGUMENT } from '../command.ts'
import { ellipsis, humanAgo, humanSize } from '../format/units.ts'
import { formatListing } from '../listing.ts'

interface HistoryItem {
  readonly Id: string
  readonly Created: number
  readonly CreatedBy: string
  readonly Size: number
  readonly Comment: string
}

const COLUMNS = {
  ID: 'IMAGE',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  Size: 'SIZE',
  Comment: 'COMMENT',
} as const

export const command = defineCommand({
  synopsis: '[OPTIONS] IMAGE',
  flags: {
    format: flag.string('Format by table, json or a Go template'),
    human: flag.boolean('Print sizes and times for people', { short: 'H', initial: true }),
    'no-trunc': flag.boolean('Do not shorten'),
    quiet: flag.boolean('Print ids alone', { short: 'q' }),
  },
  args: ONE_ARGUMENT,
  run: async ({ client, stdout }, { values, args }) => {
    const { human, 'no-trunc': whole } = values
    const items = await client.json<HistoryItem[]>('GET', `/images/${args[0]}/history`)
    const rows = items.map((item) => {
      const CreatedAt = new Date(item.Created * 1000).toISOString().replace('.000Z', 'Z')
      const by = item.CreatedBy.replaceAll('\t', ' ')
      return {
        ID: whole ? item.Id : item.Id.replace(/^sha256:/, '').slice(0, 12),
        CreatedSince: human ? humanAgo(item.Created * 1000) : CreatedAt,
        CreatedAt,
        CreatedBy: whole ? by : ellipsis(by, 45),
        Size: human ? humanSize(item.Size, 3) : String(item.Size),
        Comment: item.Comment,
      }
    })
    if (values.quiet) stdout.write(rows.map(({ ID }) => `${ID}\n`).join(''))
    else {
      const shown = ['ID', human ? 'CreatedSince' : 'CreatedAt', 'CreatedBy', 'Size', 'Comment']
      stdout.write(formatListing(rows, { columns: COLUMNS, shown, format: values.format }))
    }
    return 0
  },
})
