import { flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'
import { encodeFilters, FILTER } from '../filters.ts'
import { formatListing } from '../listing.ts'

interface NetworkSummary {
  readonly Id: string
  readonly Name: string
  readonly Driver: string
  readonly Scope: string
  readonly Created: string
  readonly EnableIPv4: boolean
  readonly EnableIPv6: boolean
  readonly Internal: boolean
  readonly Labels: Readonly<Record<string, string>> | null
}

const COLUMNS = {
  ID: 'NETWORK ID',
  Name: 'NAME',
  Driver: 'DRIVER',
  Scope: 'SCOPE',
  IPv4: 'IPV4',
  IPv6: 'IPV6',
  Internal: 'INTERNAL',
  Labels: 'LABELS',
  CreatedAt: 'CREATED AT',
} as const

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: {
    filter: FILTER,
    format: flag.string('Format by table, json or a Go template'),
    'no-trunc': flag.boolean('Do not shorten'),
    quiet: flag.boolean('Print ids alone', { short: 'q' }),
  },
  args: NO_ARGUMENTS,
  run: async ({ client, stdout }, { values }) => {
    const query = { filters: encodeFilters(values.filter) }
    const networks = await client.json<NetworkSummary[]>('GET', '/networks', { query })
    const rows = networks
      .toSorted((a, b) => (a.Name < b.Name ? -1 : 1))
      .map(({ Id, Name, Driver, Scope, Created, EnableIPv4, EnableIPv6, Internal, Labels }) => ({
        ...{ ID: values['no-trunc'] ? Id : Id.slice(0, 12), Name, Driver, Scope },
        ...{ IPv4: String(EnableIPv4), IPv6: String(EnableIPv6), Internal: String(Internal) },
        Labels: Object.entries(Labels ?? {})
          .map((pair) => pair.join('='))
          .join(','),
        CreatedAt: Created,
      }))
    const shown = ['ID', 'Name', 'Driver', 'Scope']
    if (values.quiet && values.format === '') stdout.write(rows.map(({ ID }) => `${ID}\n`).join(''))
    else stdout.write(formatListing(rows, { columns: COLUMNS, shown, format: values.format }))
    return 0
  },
})
