import { failure, flag, type SlipwayError } from '../../base/index.ts'
import { type Context, defineCommand } from '../command.ts'
import { joinStreams } from '../streams.ts'
import { followSize } from '../terminal-size.ts'
import { createContainer } from './create-container.ts'
import { CREATE_FLAGS, type CreateValues } from './create-flags.ts'
import { chooseStreams, createBody, type Streams } from './create-request.ts'
import { proxySignals } from './signals.ts'

/** Codes of `run` itself, so that a script can tell them from those of the container. */
const ENGINE_FAILED = 125
const CANNOT_EXECUTE = 126
const NOT_FOUND = 127

const NO_STREAMS: Streams = { stdin: false, stdout: false, stderr: false }

const FLAGS = {
  ...CREATE_FLAGS,
  detach: flag.boolean('Run in the background and print the id', { short: 'd' }),
  'detach-keys': flag.string('Keys that detach from the container'),
  'sig-proxy': flag.boolean('Pass signals on to the process', { initial: true }),
} as const

export const command = defineCommand({
  synopsis: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  flags: FLAGS,
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  interspersed: false,
  run: async (context, { values, args, given }) => {
    try {
      return await runContainer(context, { values, args, given })
    } catch (error) {
      throw withExitCode(error)
    }
  },
})

type RunValues = CreateValues & {
  readonly detach: boolean
  readonly 'detach-keys': string
  readonly 'sig-proxy': boolean
}

async function runContainer(
  context: Context,
  { values, args, given }: { values: RunValues; args: readonly string[]; given: ReadonlySet<string> },
): Promise<number> {
  const { client, stdout, stdin } = context
  const [image = '', ...command] = args
  const streams = values.detach ? NO_STREAMS : chooseStreams(values)
  if (values.tty && streams.stdin && !stdin.isTTY && values.interactive) {
    throw failure('invalid', 'the input device is not a TTY', { exitCode: 1 })
  }
  const body = createBody(values, { image, command, env: context.env, streams, given })
  const id = await createContainer(context, body, values)
  if (values.detach) {
    await client.json('POST', `/containers/${id}/start`)
    stdout.write(`${id}\n`)
    return 0
  }
  return await runAttached(context, { id, streams, values })
}

/** Attaches and begins to wait before the start, so that no byte and no exit is missed. */
async function runAttached(
  context: Context,
  { id, streams, values }: { id: string; streams: Streams; values: RunValues },
): Promise<number> {
  const { client } = context
  const { stdin, stdout, stderr } = streams
  using _signals = values['sig-proxy'] && !values.tty ? proxySignals(context, id) : undefined
  const attached =
    stdin || stdout || stderr
      ? await client.hijack(`/containers/${id}/attach`, {
          query: { stream: 1, stdin, stdout, stderr, detachKeys: values['detach-keys'] || undefined },
        })
      : undefined
  const copying =
    attached && joinStreams(attached, context, { tty: values.tty, stdin, detachKeys: values['detach-keys'] })
  const condition = values.rm ? 'removed' : 'next-exit'
  try {
    const waited = await client.request('POST', `/containers/${id}/wait`, { query: { condition } })
    await client.json('POST', `/containers/${id}/start`)
    using _size = values.tty ? followSize(context, `/containers/${id}/resize`) : undefined
    const joined = await copying
    if (joined?.detached) {
      waited.close()
      return 0
    }
    const answer = JSON.parse(Buffer.concat(await Array.fromAsync(waited.body)).toString()) as { StatusCode: number }
    return answer.StatusCode
  } catch (error) {
    attached?.socket.destroy()
    await copying?.catch(() => {})
    if (values.rm) await client.json('DELETE', `/containers/${id}`, { query: { force: 1, v: 1 } }).catch(() => {})
    throw error
  }
}

/** The daemon says in words why a start failed; Docker's clients read the code out of them. */
export function withExitCode(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'SlipwayError') return error
  const { kind, message, hint, exitCode } = error as SlipwayError
  if (exitCode !== undefined) return error
  return failure(kind, message, { cause: error, ...(hint ? { hint } : {}), exitCode: codeOf(message) })
}

function codeOf(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file/.test(message)) return NOT_FOUND
  if (/permission denied|is a directory|not a directory/.test(message)) return CANNOT_EXECUTE
  return ENGINE_FAILED
}
