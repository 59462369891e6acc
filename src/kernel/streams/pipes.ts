import { Socket } from 'node:net'
import { check } from '../native/call.ts'
import { closeFd, O_CLOEXEC } from '../native/fd.ts'
import { libc } from '../native/libc.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1

/** Two connected stream sockets. The caller closes both. */
export function createSocketPair(): [number, number] {
  const fds = Buffer.alloc(8)
  check(libc.socketpair(AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0, fds), 'socketpair')
  return [fds.readInt32LE(0), fds.readInt32LE(4)]
}

/** The reading and the writing end of a pipe. The caller closes both. */
export function createPipe(): [number, number] {
  const fds = Buffer.alloc(8)
  check(libc.pipe2(fds, O_CLOEXEC), 'pipe2')
  return [fds.readInt32LE(0), fds.readInt32LE(4)]
}

/** A Node stream over an fd that is a stream socket or a pipe. It owns the fd from now on, also when it fails. */
export function streamOf(fd: number, direction: 'read' | 'write' | 'duplex'): Socket {
  try {
    return new Socket({ fd, readable: direction !== 'write', writable: direction !== 'read', allowHalfOpen: true })
  } catch (error) {
    closeFd(fd)
    throw error
  }
}
