import { failure, flag, isKind } from '../../base/index.ts'
import { type Context, defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { inspectNames } from '../inspect.ts'

/** Where objects of each type are asked for, in the order in which a bare name is tried. */
const PATHS: Readonly<Record<string, (name: string) => string>> = {
  container: (name) => `/containers/${name}/json`,
  image: (name) => `/images/${name}/json`,
  network: (name) => `/networks/${name}`,
  volume: (name) => `/volumes/${name}`,
}

export const command = defineCommand({
  synopsis: '[OPTIONS] NAME|ID [NAME|ID...]',
  flags: {
    format: flag.string('Format by json or a Go template', { short: 'f' }),
    size: flag.boolean('Show sizes of containers', { short: 's' }),
    type: flag.string('Look among objects of this type only'),
  },
  args: SOME_ARGUMENTS,
  run: (context, { values, args }) => {
    const { type, format, size } = values
    if (type && !Object.hasOwn(PATHS, type))
      throw failure('invalid', `${JSON.stringify(type)} is not a valid value for --type`)
    const types = type ? [type] : Object.keys(PATHS)
    return inspectNames(context, args, { format, fetch: (name) => fetchFirst(context, name, { types, size }) })
  },
})

async function fetchFirst(
  { client }: Context,
  name: string,
  { types, size }: { types: readonly string[]; size: boolean },
): Promise<unknown> {
  for (const type of types) {
    try {
      const query = type === 'container' ? { size } : {}
      return await client.json('GET', PATHS[type]?.(name) ?? '', { query })
    } catch (error) {
      if (!isKind(error, 'not-found') || types.length === 1) throw error
    }
  }
  throw failure('not-found', `Error: No such object: ${name}`)
}
