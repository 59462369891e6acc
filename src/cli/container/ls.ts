import { flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'
import { encodeFilters, FILTER } from '../filters.ts'
import { ellipsis, humanAgo, humanSize } from '../format/units.ts'
import { formatListing } from '../listing.ts'
import { describePorts, type PortSummary } from './port-summary.ts'

interface ContainerSummary {
  readonly Id: string
  readonly Names: readonly string[]
  readonly Image: string
  readonly Command: string
  readonly Created: number
  readonly Status: string
  readonly State: string
  readonly Ports: readonly PortSummary[]
  readonly Labels: Readonly<Record<string, string>> | null
  readonly Mounts: readonly { readonly Name?: string; readonly Source: string }[]
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> } | null
  readonly SizeRw?: number
  readonly SizeRootFs?: number
}

const COLUMNS = {
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  Command: 'COMMAND',
  RunningFor: 'CREATED',
  Status: 'STATUS',
  Ports: 'PORTS',
  Names: 'NAMES',
  Size: 'SIZE',
  CreatedAt: 'CREATED AT',
  State: 'STATE',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  Networks: 'NETWORKS',
  LocalVolumes: 'LOCAL VOLUMES',
} as const

const SHOWN = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'] as const

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: {
    all: flag.boolean('Show stopped ones too', { short: 'a' }),
    filter: FILTER,
    format: flag.string('Format by table, json or a Go template'),
    last: flag.integer('Show the n newest, in any state', { short: 'n', initial: -1 }),
    latest: flag.boolean('Show the newest, in any state', { short: 'l' }),
    'no-trunc': flag.boolean('Do not shorten'),
    quiet: flag.boolean('Print ids alone', { short: 'q' }),
    size: flag.boolean('Show sizes', { short: 's' }),
  },
  args: NO_ARGUMENTS,
  run: async ({ client, stdout }, { values }) => {
    const limit = values.latest ? 1 : values.last
    const query = {
      all: values.all || limit > 0 ? 1 : undefined,
      limit: limit > 0 ? limit : undefined,
      size: values.size ? 1 : undefined,
      filters: encodeFilters(values.filter),
    }
    const containers = await client.json<ContainerSummary[]>('GET', '/containers/json', { query })
    const rows = containers.map((container) => describe(container, values['no-trunc']))
    if (values.quiet && values.format === '') {
      stdout.write(rows.map(({ ID }) => `${ID}\n`).join(''))
      return 0
    }
    const shown = values.size ? [...SHOWN, 'Size'] : SHOWN
    stdout.write(formatListing(rows, { columns: COLUMNS, shown, format: values.format }))
    return 0
  },
})

function describe(container: ContainerSummary, whole: boolean) {
  const names = container.Names.map((name) => name.replace(/^\//, ''))
  const mounts = container.Mounts.map(({ Name, Source }) => Name ?? Source)
  const { SizeRw = 0, SizeRootFs = 0 } = container
  return {
    ID: whole ? container.Id : container.Id.slice(0, 12),
    Image: whole ? container.Image : container.Image.replace(/^sha256:([0-9a-f]{12})[0-9a-f]+$/, '$1'),
    Command: JSON.stringify(whole ? container.Command : ellipsis(container.Command, 20)),
    RunningFor: humanAgo(container.Created * 1000),
    CreatedAt: new Date(container.Created * 1000).toISOString().replace('T', ' ').replace('.000Z', ' +0000 UTC'),
    Status: container.Status,
    State: container.State,
    Ports: describePorts(container.Ports),
    // Links of other containers to this one are names with a second slash.
    Names: names.filter((name) => !name.includes('/')).join(','),
    Labels: Object.entries(container.Labels ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    Mounts: mounts.map((name) => (whole ? name : ellipsis(name, 15))).join(','),
    LocalVolumes: String(container.Mounts.filter(({ Name }) => Name !== undefined).length),
    Networks: Object.keys(container.NetworkSettings?.Networks ?? {}).join(','),
    Size: `${humanSize(SizeRw, 3)}${SizeRootFs > 0 ? ` (virtual ${humanSize(SizeRootFs, 3)})` : ''}`,
  }
}
