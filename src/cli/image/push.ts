import { failure, flag } from '../../base/index.ts'
import { formatReference, parseReference, withDefaultTag } from '../../oci/index.ts'
import { defineCommand, ONE_ARGUMENT } from '../command.ts'
import { authHeaders } from '../registry/saved-logins.ts'
import { printTransfer, type TransferLine } from '../registry/transfer-lines.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] NAME[:TAG]',
  flags: {
    'all-tags': flag.boolean('Push every tag of the repository', { short: 'a' }),
    quiet: flag.boolean('Print the name alone', { short: 'q' }),
  },
  args: ONE_ARGUMENT,
  run: async ({ client, env, stdout }, { values, args: [name = ''] }) => {
    const given = parseReference(name)
    const all = values['all-tags']
    if (all && given.tag !== undefined) throw failure('invalid', 'tag can’t be used with --all-tags/-a')
    const reference = all ? given : withDefaultTag(given)
    if (!all && given.tag === undefined && !values.quiet) stdout.write('Using default tag: latest\n')
    const query = { tag: reference.tag ?? '' }
    const path = `/images/${given.familiar}/push`
    const lines = client.lines<TransferLine>('POST', path, { query, headers: authHeaders(name, env) })
    await printTransfer(lines, { write: (text) => stdout.write(text), quiet: values.quiet })
    if (values.quiet) stdout.write(`${formatReference(reference)}\n`)
    return 0
  },
})
