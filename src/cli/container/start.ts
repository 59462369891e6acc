import { failure, flag } from '../../base/index.ts'
import { type Context, defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'
import { joinStreams } from '../streams.ts'
import { followSize } from '../terminal-size.ts'
import { proxySignals } from './signals.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER [CONTAINER...]',
  flags: {
    attach: flag.boolean('Attach to its output and pass signals on', { short: 'a' }),
    'detach-keys': flag.string('Keys that detach from the container'),
    interactive: flag.boolean('Attach to its standard input', { short: 'i' }),
  },
  args: SOME_ARGUMENTS,
  run: async (context, { values, args }) => {
    if (!values.attach && !values.interactive) {
      return forEachName(context, args, (name) => context.client.json('POST', `/containers/${name}/start`))
    }
    const [name = '', ...others] = args
    if (others.length > 0) throw failure('invalid', 'you cannot start and attach multiple containers at once')
    return await startAttached(context, name, { stdin: values.interactive, detachKeys: values['detach-keys'] })
  },
})

async function startAttached(
  context: Context,
  name: string,
  { stdin, detachKeys }: { stdin: boolean; detachKeys: string },
): Promise<number> {
  const { client } = context
  const { Id, Config } = await client.json<{ Id: string; Config: { Tty: boolean; OpenStdin: boolean } }>(
    'GET',
    `/containers/${name}/json`,
  )
  const wantsInput = stdin && Config.OpenStdin
  using _signals = Config.Tty ? undefined : proxySignals(context, Id)
  const query = { stream: 1, stdin: wantsInput, stdout: 1, stderr: 1, detachKeys: detachKeys || undefined }
  const attached = await client.hijack(`/containers/${Id}/attach`, { query })
  const copying = joinStreams(attached, context, { tty: Config.Tty, stdin: wantsInput, detachKeys })
  try {
    const waited = await client.request('POST', `/containers/${Id}/wait`, { query: { condition: 'next-exit' } })
    await client.json('POST', `/containers/${Id}/start`)
    using _size = Config.Tty ? followSize(context, `/containers/${Id}/resize`) : undefined
    if ((await copying).detached) {
      waited.close()
      return 0
    }
    return (JSON.parse(Buffer.concat(await Array.fromAsync(waited.body)).toString()) as { StatusCode: number })
      .StatusCode
  } catch (error) {
    attached.socket.destroy()
    await copying.catch(() => {})
    throw error
  }
}
