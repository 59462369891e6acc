import { Socket } from 'node:net'
import { check, closeFd, libc, O_CLOEXEC, O_NONBLOCK } from '../native/libc.ts'
import { createSocketPair } from './sockets.ts'

const F_GETFL = 3
const F_SETFL = 4

/**
 * A Node stream over an fd of a type that Node refuses, but that can be polled. Made on a socket whose fd is then
 * replaced, before the loop has looked at it. Owns `fd` from now on, also when it fails. Reading starts with `resume()`.
 */
export function streamOverFd(fd: number, { writable }: { readonly writable: boolean }): Socket {
  const [streamFd, other] = createSocketPair()
  closeFd(other)
  const options = { fd: streamFd, readable: true, writable, allowHalfOpen: true, manualStart: true }
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0])
  try {
    check(libc.dup3(fd, streamFd, O_CLOEXEC), 'dup3')
    check(libc.fcntl(streamFd, F_SETFL, check(libc.fcntl(streamFd, F_GETFL, 0), 'fcntl') | O_NONBLOCK), 'fcntl')
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    closeFd(fd)
  }
}

export interface Readiness {
  /** Resolves once: when there is something to take from the fd, or after `close`. Never rejects. */
  readonly ready: Promise<void>
  close(): void
}

/** Waits in the event loop for an fd that read(2) refuses with EINVAL, such as a listening socket or a pidfd. */
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
