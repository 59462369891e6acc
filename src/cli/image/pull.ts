import { failure, flag } from '../../base/index.ts'
import { formatReference, parseReference, withDefaultTag } from '../../oci/index.ts'
import { defineCommand, ONE_ARGUMENT } from '../command.ts'
import { authHeaders } from '../registry/saved-logins.ts'
import { printTransfer, type TransferLine } from '../registry/transfer-lines.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] NAME[:TAG|@DIGEST]',
  flags: {
    'all-tags': flag.boolean('Pull every tag of the repository', { short: 'a' }),
    platform: flag.string('Pull for this platform'),
    quiet: flag.boolean('Print the name alone', { short: 'q' }),
  },
  args: ONE_ARGUMENT,
  run: async ({ client, env, stdout }, { values, args: [name = ''] }) => {
    const given = parseReference(name)
    const all = values['all-tags']
    if (all && (given.tag !== undefined || given.digest !== undefined)) {
      throw failure('invalid', 'tag can’t be used with --all-tags/-a')
    }
    const reference = all ? given : withDefaultTag(given)
    if (!all && given.tag === undefined && given.digest === undefined && !values.quiet) {
      stdout.write('Using default tag: latest\n')
    }
    const query = {
      fromImage: given.familiar,
      tag: reference.digest ?? reference.tag ?? '',
      platform: values.platform || undefined,
    }
    const lines = client.lines<TransferLine>('POST', '/images/create', { query, headers: authHeaders(name, env) })
    await printTransfer(lines, { write: (text) => stdout.write(text), quiet: values.quiet })
    stdout.write(`${formatReference(reference)}\n`)
    return 0
  },
})
