import { createReadStream } from 'node:fs'
import { failure, flag } from '../../base/index.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] FILE|URL|- [REPOSITORY[:TAG]]',
  flags: {
    change: flag.list('Apply a Dockerfile instruction to the image', { short: 'c' }),
    message: flag.string('Set the commit message', { short: 'm' }),
    platform: flag.string('Set the platform of the image'),
  },
  args: { min: 1, max: 2 },
  run: async ({ client, stdin, stdout }, { values, args }) => {
    const [source = '-', reference = ''] = args
    const remote = /^https?:\/\//.test(source)
    const slash = reference.lastIndexOf('/')
    const colon = reference.indexOf(':', slash + 1)
    const query = {
      fromSrc: remote ? source : '-',
      repo: colon < 0 ? reference : reference.slice(0, colon),
      tag: colon < 0 ? '' : reference.slice(colon + 1),
      message: values.message || undefined,
      platform: values.platform || undefined,
      changes: values.change,
    }
    const body = remote ? undefined : source === '-' ? stdin : createReadStream(source)
    const options = { query, ...(body ? { body, contentType: 'application/x-tar' } : {}) }
    for await (const line of client.lines<{ status?: string; error?: string }>('POST', '/images/create', options)) {
      if (line.error) throw failure('internal', line.error)
      if (line.status) stdout.write(`${line.status}\n`)
    }
    return 0
  },
})
