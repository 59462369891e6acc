import { delay, flag } from '../../base/index.ts'
import { type Context, defineCommand } from '../command.ts'
import { formatListing } from '../listing.ts'
import { describeUsage, type UsageFrame } from './usage.ts'

const COLUMNS = {
  Container: 'CONTAINER',
  ID: 'CONTAINER ID',
  Name: 'NAME',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
} as const

const SHOWN = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'] as const
/** Clears the screen and begins at its top. */
const CLEAR = '\x1b[2J\x1b[H'

export const command = defineCommand({
  synopsis: '[OPTIONS] [CONTAINER...]',
  flags: {
    all: flag.boolean('Show stopped ones too', { short: 'a' }),
    format: flag.string('Format by table, json or a Go template'),
    'no-stream': flag.boolean('Print once and end'),
    'no-trunc': flag.boolean('Do not shorten'),
  },
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  run: async (context, { values, args }) => {
    const { stdout } = context
    for (;;) {
      const names = args.length > 0 ? args : await listNames(context, values.all)
      const frames = await Promise.all(names.map((name) => readFrame(context, name)))
      const rows = frames.map((frame, at) =>
        describeUsage(frame, { whole: values['no-trunc'], asked: names[at] ?? '' }),
      )
      const text = formatListing(rows, { columns: COLUMNS, shown: SHOWN, format: values.format })
      stdout.write(values['no-stream'] ? text : `${CLEAR}${text}`)
      if (values['no-stream']) return 0
      // Numbers of running containers take a second to come, those of others none.
      if (rows.every(({ PIDs }) => PIDs === 0)) await delay(1000)
    }
  },
})

async function listNames({ client }: Context, all: boolean): Promise<readonly string[]> {
  const query = { all: all ? 1 : undefined }
  const found = await client.json<{ Id: string }[]>('GET', '/containers/json', { query })
  return found.map(({ Id }) => Id.slice(0, 12))
}

async function readFrame({ client }: Context, name: string): Promise<UsageFrame> {
  return client.json<UsageFrame>('GET', `/containers/${name}/stats`, { query: { stream: false } })
}
