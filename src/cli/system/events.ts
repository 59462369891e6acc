import { flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'
import { encodeFilters, FILTER } from '../filters.ts'
import { compileTemplate } from '../format/template.ts'
import { write } from '../streams.ts'

interface EventMessage {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> | null }
  readonly timeNano: number
}

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: {
    filter: FILTER,
    format: flag.string('Format by json or a Go template'),
    since: flag.string('Begin with events of this time'),
    until: flag.string('End at this time'),
  },
  args: NO_ARGUMENTS,
  run: async ({ client, stdout }, { values }) => {
    const render = values.format === '' || values.format === 'json' ? undefined : compileTemplate(values.format)
    const query = {
      since: values.since || undefined,
      until: values.until || undefined,
      filters: encodeFilters(values.filter),
    }
    for await (const event of client.lines<EventMessage>('GET', '/events', { query })) {
      const line = values.format === 'json' ? JSON.stringify(event) : render ? render(event) : describe(event)
      await write(stdout, `${line}\n`)
    }
    return 0
  },
})

function describe({ Type, Action, Actor, timeNano }: EventMessage): string {
  const attributes = Object.entries(Actor.Attributes ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
  const fraction = String(timeNano % 1e9).padStart(9, '0')
  const time = `${new Date(Math.floor(timeNano / 1e6)).toISOString().slice(0, 19)}.${fraction}Z`
  return `${time} ${Type} ${Action} ${Actor.ID}${attributes ? ` (${attributes})` : ''}`
}
