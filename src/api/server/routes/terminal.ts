import { hasCode, kindOf, SlipwayError } from '../../../base/index.ts'
import type { Terminal } from '../../../containers/index.ts'
import type { OutputChunk, StreamName } from '../../../runtime/index.ts'
import type { Connection, HijackReply } from '../http/call.ts'
import { atLeast } from '../http/version.ts'

const RAW = 'application/vnd.docker.raw-stream'
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream'

const STREAM_NUMBER: Readonly<Record<StreamName, number>> = { stdout: 1, stderr: 2 }

/** The type of a stream of output; clients before 1.42 know only one. */
export function streamType({ multiplexed, version }: { multiplexed: boolean; version: string }): string {
  return multiplexed && atLeast(version, '1.42') ? MULTIPLEXED : RAW
}

/** Docker's frame: which stream, three zeros, the length in big endian, the data. */
export function frame(stream: StreamName, data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(8 + data.length)
  framed.writeUInt32BE(STREAM_NUMBER[stream] << 24, 0)
  framed.writeUInt32BE(data.length, 4)
  framed.set(data, 8)
  return framed
}

export interface JoinOptions {
  readonly multiplexed: boolean
  readonly stdin: boolean
  readonly version: string
}

/** Takes the connection over for a terminal. */
export function hijackTerminal(terminal: Terminal, options: JoinOptions): HijackReply {
  return {
    kind: 'hijack',
    contentType: streamType(options),
    run: (connection) => joinTerminal(terminal, { ...options, connection }),
  }
}

/** Connects a terminal with the client's connection until the output ends, the client goes, or it detaches. */
export async function joinTerminal(
  terminal: Terminal,
  { connection, stdin, multiplexed }: JoinOptions & { readonly connection: Connection },
): Promise<void> {
  await using session = terminal
  const broken = Promise.withResolvers<never>()
  // Ends the output when the client has gone or typed the detach keys while nothing is written.
  const leave = (): void => void session[Symbol.asyncDispose]().then(undefined, broken.reject)
  connection.signal.addEventListener('abort', leave, { once: true })
  void session.detached.then(leave)
  // Not waited for: a client may keep its side open for as long as it likes.
  sendInput(session, { connection, stdin }).catch(broken.reject)
  await Promise.race([sendOutput(session, { connection, multiplexed }), broken.promise])
}

async function sendOutput(
  { output }: Terminal,
  { connection, multiplexed }: { readonly connection: Connection; readonly multiplexed: boolean },
): Promise<void> {
  try {
    for await (const { stream, data } of output as AsyncIterable<OutputChunk>) {
      await connection.write(multiplexed ? frame(stream, data) : data)
    }
  } catch (error) {
    if (kindOf(error) !== 'cancelled') throw error
  }
}

/** Hands on what the client sends; what nobody can take any more is read and dropped. */
async function sendInput(
  terminal: Terminal,
  { connection, stdin }: { readonly connection: Connection; readonly stdin: boolean },
): Promise<void> {
  let open = stdin
  for await (const chunk of connection.input) {
    if (open) open = await isTaken(() => terminal.write(chunk))
  }
  if (open) await isTaken(() => terminal.endInput())
}

/** False when the process has gone or has closed its input, which is no concern of the client. */
async function isTaken(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof SlipwayError || hasCode(error, 'EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED')) return false
    throw error
  }
}
