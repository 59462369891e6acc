import { createReadStream } from 'node:fs'
import { failure, flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: {
    input: flag.string('Read from a file instead of standard input', { short: 'i' }),
    platform: flag.string('Load one platform only'),
    quiet: flag.boolean('Print no progress', { short: 'q' }),
  },
  args: NO_ARGUMENTS,
  run: async ({ client, stdin, stdout }, { values }) => {
    if (values.input === '' && stdin.isTTY) throw failure('invalid', 'requested load from stdin, but stdin is empty')
    const body = values.input === '' ? stdin : createReadStream(values.input)
    const query = { quiet: values.quiet || !stdout.isTTY ? 1 : 0, platform: values.platform || undefined }
    const lines = client.lines<{ stream?: string; error?: string }>('POST', '/images/load', {
      query,
      body,
      contentType: 'application/x-tar',
    })
    for await (const { stream, error } of lines) {
      if (error) throw failure('internal', error)
      if (stream) stdout.write(stream)
    }
    return 0
  },
})
