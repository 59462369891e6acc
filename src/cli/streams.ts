import type { Socket } from 'node:net'
import type { Hijacked } from '../api/client/index.ts'
import type { Context } from './command.ts'
import { type KeyWatcher, watchKeys } from './detach-keys.ts'

/** Frames of a multiplexed stream: one byte of stream, three of nothing, four of length. */
const FRAME_HEAD = 8

export interface StreamOptions {
  readonly tty: boolean
  readonly stdin: boolean
  /** Keys that detach from a terminal; empty is the default. */
  readonly detachKeys: string
}

/**
 * Joins a container's stdio, which the daemon has handed over, to this process's. Resolves when the container's output
 * has ended, with true when it was because the person detached. With a terminal on both sides this one is raw meanwhile.
 */
export async function joinStreams(
  hijacked: Hijacked,
  context: Context,
  { tty, stdin, detachKeys }: StreamOptions,
): Promise<{ readonly detached: boolean }> {
  const { socket } = hijacked
  const keys = watchKeys(detachKeys)
  using _raw = tty && stdin ? rawMode(context.stdin) : undefined
  const input = stdin ? sendInput(context.stdin, { socket, keys }) : undefined
  try {
    if (tty) await copyRaw(hijacked, context.stdout)
    else await copyFrames(hijacked, context)
    return { detached: tty && keys.typed }
  } finally {
    input?.[Symbol.dispose]()
    socket.destroy()
  }
}

/** Switches a terminal to raw mode until disposed; nothing when it is none. */
function rawMode(stdin: NodeJS.ReadStream): Disposable {
  if (!stdin.isTTY) return { [Symbol.dispose]: () => {} }
  stdin.setRawMode(true)
  return { [Symbol.dispose]: () => void stdin.setRawMode(false) }
}

/** Sends standard input until it ends; its end is the end of our side of the connection. */
function sendInput(stdin: NodeJS.ReadStream, { socket, keys }: { socket: Socket; keys: KeyWatcher }): Disposable {
  const onData = (chunk: Buffer): void => {
    keys.feed(chunk)
    if (socket.write(chunk)) return
    stdin.pause()
    socket.once('drain', () => stdin.resume())
  }
  const onEnd = (): void => void socket.end()
  stdin.on('data', onData)
  stdin.once('end', onEnd)
  return {
    [Symbol.dispose]: () => {
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.pause()
      // A pipe that is still open would keep this process alive after the container has ended.
      stdin.unref?.()
    },
  }
}

async function copyRaw({ socket, head }: Hijacked, stdout: NodeJS.WriteStream): Promise<void> {
  if (head.length > 0) await write(stdout, head)
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) await write(stdout, chunk as Buffer)
}

async function copyFrames({ socket, head }: Hijacked, { stdout, stderr }: Context): Promise<void> {
  async function* source(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    yield* socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  }
  for await (const { stream, data } of splitFrames(source())) await write(stream === 2 ? stderr : stdout, data)
}

/** Takes a multiplexed stream apart; pieces of a long frame are handed on as they come. */
export async function* splitFrames(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly stream: number; readonly data: Buffer }> {
  let head: Buffer = Buffer.alloc(0)
  let stream = 0
  let left = 0
  for await (const chunk of source) {
    let rest = chunk
    while (rest.length > 0) {
      if (left === 0) {
        const missing = FRAME_HEAD - head.length
        head = Buffer.concat([head, rest.subarray(0, missing)])
        rest = rest.subarray(missing)
        if (head.length < FRAME_HEAD) break
        stream = head[0] ?? 0
        left = head.readUInt32BE(4)
        head = Buffer.alloc(0)
        continue
      }
      const data = rest.subarray(0, left)
      rest = rest.subarray(data.length)
      left -= data.length
      yield { stream, data }
    }
  }
}

/** Writes and waits while the reader is slow. A reader that has gone ends the program, as SIGPIPE would. */
export function write(stream: NodeJS.WriteStream, data: Buffer | string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  stream.write(data, (error) => (error ? reject(error) : resolve()))
  return promise
}
