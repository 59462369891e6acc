import { failure, flag } from '../../base/index.ts'
import { defineCommand } from '../command.ts'
import { joinStreams } from '../streams.ts'
import { followSize } from '../terminal-size.ts'
import { readEnvironment } from './key-values.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  flags: {
    detach: flag.boolean('Run in the background', { short: 'd' }),
    'detach-keys': flag.string('Keys that detach from the command'),
    env: flag.list('Set environment variables', { short: 'e' }),
    'env-file': flag.list('Read environment variables from a file'),
    interactive: flag.boolean('Keep standard input open', { short: 'i' }),
    privileged: flag.boolean('Give the command all capabilities'),
    tty: flag.boolean('Allocate a terminal', { short: 't' }),
    user: flag.string('User name or UID, and group: NAME|UID[:GROUP|GID]', { short: 'u' }),
    workdir: flag.string('Working folder inside the container', { short: 'w' }),
  },
  args: { min: 2, max: Number.POSITIVE_INFINITY },
  interspersed: false,
  run: async (context, { values, args }) => {
    const { client, stdin, stdout } = context
    const [name, ...cmd] = args
    const attach = !values.detach
    if (attach && values.tty && values.interactive && !stdin.isTTY) {
      throw failure('invalid', 'the input device is not a TTY')
    }
    const detachKeys = values['detach-keys']
    const body = {
      Cmd: cmd,
      Env: readEnvironment({ files: values['env-file'], entries: values.env, env: context.env }),
      User: values.user,
      WorkingDir: values.workdir,
      Privileged: values.privileged,
      Tty: values.tty,
      AttachStdin: attach && values.interactive,
      AttachStdout: attach,
      AttachStderr: attach,
      DetachKeys: detachKeys || undefined,
      ConsoleSize: values.tty && stdout.isTTY ? [stdout.rows, stdout.columns] : undefined,
    }
    const { Id } = await client.json<{ Id: string }>('POST', `/containers/${name}/exec`, { body })
    const start = { Detach: values.detach, Tty: values.tty }
    if (values.detach) {
      await client.json('POST', `/exec/${Id}/start`, { body: start })
      return 0
    }
    const attached = await client.hijack(`/exec/${Id}/start`, { body: start })
    using _size = values.tty ? followSize(context, `/exec/${Id}/resize`) : undefined
    const { detached } = await joinStreams(attached, context, {
      tty: values.tty,
      stdin: values.interactive,
      detachKeys,
    })
    if (detached) return 0
    return (await client.json<{ ExitCode: number | null }>('GET', `/exec/${Id}/json`)).ExitCode ?? 0
  },
})
