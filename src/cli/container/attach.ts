import { failure, flag } from '../../base/index.ts'
import { defineCommand, ONE_ARGUMENT } from '../command.ts'
import { joinStreams } from '../streams.ts'
import { followSize } from '../terminal-size.ts'
import { proxySignals } from './signals.ts'

interface Inspected {
  readonly Id: string
  readonly State: {
    readonly Running: boolean
    readonly Paused: boolean
    readonly Restarting: boolean
    readonly ExitCode: number
  }
  readonly Config: { readonly Tty: boolean; readonly OpenStdin: boolean }
}

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER',
  flags: {
    'detach-keys': flag.string('Keys that detach from the container'),
    'no-stdin': flag.boolean('Do not attach standard input'),
    'sig-proxy': flag.boolean('Pass signals on to the process', { initial: true }),
  },
  args: ONE_ARGUMENT,
  run: async (context, { values, args }) => {
    const { client } = context
    const { Id, State, Config } = await client.json<Inspected>('GET', `/containers/${args[0]}/json`)
    if (!State.Running) throw failure('conflict', 'cannot attach to a stopped container, start it first')
    if (State.Paused) throw failure('conflict', 'cannot attach to a paused container, unpause it first')
    const stdin = !values['no-stdin'] && Config.OpenStdin
    const detachKeys = values['detach-keys']
    using _signals = values['sig-proxy'] && !Config.Tty ? proxySignals(context, Id) : undefined
    const waited = await client.request('POST', `/containers/${Id}/wait`)
    const query = { stream: 1, stdin, stdout: 1, stderr: 1, detachKeys: detachKeys || undefined }
    const attached = await client.hijack(`/containers/${Id}/attach`, { query })
    using _size = Config.Tty ? followSize(context, `/containers/${Id}/resize`) : undefined
    const { detached } = await joinStreams(attached, context, { tty: Config.Tty, stdin, detachKeys })
    if (detached) {
      waited.close()
      return 0
    }
    return (JSON.parse(Buffer.concat(await Array.fromAsync(waited.body)).toString()) as { StatusCode: number })
      .StatusCode
  },
})
