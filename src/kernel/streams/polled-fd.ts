import { Socket } from 'node:net'
import { check } from '../native/call.ts'
import { closeFd, O_CLOEXEC, O_NONBLOCK } from '../native/fd.ts'
import { libc } from '../native/libc.ts'
import { createSocketPair } from './pipes.ts'

const F_GETFL = 3
const F_SETFL = 4

/** Where incoming data goes without being copied; false from `callback` pauses. */
export interface OnRead {
  readonly buffer: Buffer
  readonly callback: (length: number, buffer: Buffer) => boolean
}

export interface PolledStreamOptions {
  readonly writable: boolean
  /** Without it, what comes in are `data` events. */
  readonly onread?: OnRead
}

/**
 * A Node stream over an fd of a type that Node refuses, but that can be polled. Made on a socket whose fd is then
 * replaced, before the loop has looked at it. Owns `fd` from now on, also when it fails. Reading starts with `resume()`.
 */
export function streamOverFd(fd: number, { writable, onread }: PolledStreamOptions): Socket {
  try {
    const socket = pausedSocket({ writable, onread })
    try {
      const streamFd = socket.fd
      check(libc.dup3(fd, streamFd, O_CLOEXEC), 'dup3')
      check(libc.fcntl(streamFd, F_SETFL, check(libc.fcntl(streamFd, F_GETFL, 0), 'fcntl') | O_NONBLOCK), 'fcntl')
      return socket.stream
    } catch (error) {
      socket.stream.destroy()
      throw error
    }
  } finally {
    closeFd(fd)
  }
}

/** A socket that nobody has polled yet, and its fd. */
function pausedSocket({ writable, onread }: { writable: boolean; onread: OnRead | undefined }): {
  readonly stream: Socket
  readonly fd: number
} {
  const [fd, other] = createSocketPair()
  closeFd(other)
  const options = { fd, readable: true, writable, allowHalfOpen: true, manualStart: true, ...(onread && { onread }) }
  try {
    return { stream: new Socket(options as ConstructorParameters<typeof Socket>[0]), fd }
  } catch (error) {
    closeFd(fd)
    throw error
  }
}

export interface Readiness {
  /** Resolves once: when there is something to take from the fd, or after `close`. Never rejects. */
  readonly ready: Promise<void>
  close(): void
}

/**
 * Waits in the event loop for an fd that read(2) refuses with EINVAL, such as a listening socket or a pidfd. Owns it
 * from now on. Does not keep the program alive.
 */
export function watchReadiness(fd: number): Readiness {
  const socket = streamOverFd(fd, { writable: false })
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  // The error is the news: the loop tries to read as soon as poll says that it can.
  socket.on('error', () => resolve())
  socket.on('close', () => resolve())
  socket.resume()
  socket.unref()
  return { ready, close: () => void socket.destroy() }
}
