import { closeSync, openSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import koffi from 'koffi'
import { callAsync, check, closeFd, libc, O_CLOEXEC } from '../native/libc.ts'
import { streamOverFd, watchReadiness } from '../streams/polled-fd.ts'
import { duplicateFd } from '../streams/sockets.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const SO_RCVTIMEO = 20
const MSG_CMSG_CLOEXEC = 0x40000000
const MSG_CTRUNC = 0x08
const ADDRESS_SIZE = 110

/**
 * A stream over the master of a pseudo-terminal, which it owns from now on. When all who had the terminal open have
 * gone it emits an error with code EIO, which is a terminal's way to end. It has no half-close: never call `end`.
 */
export function streamOfTerminal(masterFd: number): Socket {
  return streamOverFd(masterFd, { writable: true })
}

/** A socket on which a program hands over one fd, as OCI runtimes do with the master of a terminal. */
export interface ConsoleSocket extends Disposable {
  /**
   * The fd, which the caller closes; undefined when the socket was disposed before one came. Call it once. Fails when
   * somebody connects and hands nothing over.
   */
  receive(): Promise<number | undefined>
}

/** Listens on `path`, which may be longer than a socket address. Disposing takes the file away. */
export function openConsoleSocket(path: string): ConsoleSocket {
  const fd = listenOn(path)
  const readiness = watchReadiness(duplicateFd(fd))
  let disposed = false

  async function receive(): Promise<number | undefined> {
    await readiness.ready
    if (disposed) return undefined
    const connection = check(libc.accept4(fd, null, null, O_CLOEXEC), 'accept4', path)
    try {
      return await receiveFd(connection)
    } finally {
      closeFd(connection)
    }
  }

  return {
    receive,
    [Symbol.dispose]: () => {
      if (disposed) return
      disposed = true
      readiness.close()
      closeFd(fd)
      rmSync(path, { force: true })
    },
  }
}

function listenOn(path: string): number {
  const fd = check(libc.socket(AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0), 'socket', 'unix')
  const folder = openSync(dirname(path), 'r')
  try {
    const name = Buffer.alloc(ADDRESS_SIZE)
    name.writeUInt16LE(AF_UNIX, 0)
    name.write(`/proc/self/fd/${folder}/${basename(path)}`, 2)
    check(libc.bind(fd, name, name.length), 'bind', path)
    check(libc.listen(fd, 1), 'listen', path)
    return fd
  } catch (error) {
    closeFd(fd)
    throw error
  } finally {
    closeSync(folder)
  }
}

/** Takes the fd of one SCM_RIGHTS message: cmsg(3). */
async function receiveFd(connection: number): Promise<number> {
  const patience = Buffer.alloc(16)
  patience.writeBigInt64LE(10n, 0)
  check(libc.setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, patience, patience.length), 'setsockopt')
  const data = Buffer.alloc(4096)
  const control = Buffer.alloc(24)
  const vector = Buffer.alloc(16)
  vector.writeBigUInt64LE(koffi.address(data), 0)
  vector.writeBigUInt64LE(BigInt(data.length), 8)
  const message = Buffer.alloc(56)
  message.writeBigUInt64LE(koffi.address(vector), 16)
  message.writeBigUInt64LE(1n, 24)
  message.writeBigUInt64LE(koffi.address(control), 32)
  message.writeBigUInt64LE(BigInt(control.length), 40)
  const { result } = await callAsync(libc.recvmsg, [connection, message, MSG_CMSG_CLOEXEC])
  const truncated = (message.readInt32LE(48) & MSG_CTRUNC) !== 0
  const isRights = control.readInt32LE(8) === SOL_SOCKET && control.readInt32LE(12) === SCM_RIGHTS
  // The buffers stay referenced until here: the kernel wrote into them on another thread.
  if (result <= 0 || data.length === 0 || vector.length === 0 || truncated || !isRights) {
    throw new Error('the console socket was closed without a terminal')
  }
  return control.readInt32LE(16)
}
