import { flag } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER [CONTAINER...]',
  flags: {
    force: flag.boolean('Kill it first when it runs', { short: 'f' }),
    link: flag.boolean('Remove the link, not the container', { short: 'l' }),
    volumes: flag.boolean('Remove its anonymous volumes too', { short: 'v' }),
  },
  args: SOME_ARGUMENTS,
  run: (context, { values, args }) => {
    const query = { force: values.force, link: values.link, v: values.volumes }
    return forEachName(context, args, (name) => context.client.json('DELETE', `/containers/${name}`, { query }))
  },
})
