import { rmSync } from 'node:fs'
import koffi from 'koffi'
import { check, checkAsync } from '../native/call.ts'
import { closeFd, duplicateFd, O_CLOEXEC, O_NONBLOCK } from '../native/fd.ts'
import { libc } from '../native/libc.ts'
import { watchReadiness } from '../streams/polled-fd.ts'
import { withUnixAddress } from '../streams/unix-address.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const SO_RCVTIMEO = 20
const MSG_CMSG_CLOEXEC = 0x40000000
const MSG_CTRUNC = 0x08
/** How long a program that has connected may take to send. */
const PATIENCE_SECONDS = 10n

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
  const readiness = watchOrClose(fd)
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

function watchOrClose(fd: number): ReturnType<typeof watchReadiness> {
  try {
    return watchReadiness(duplicateFd(fd))
  } catch (error) {
    closeFd(fd)
    throw error
  }
}

function listenOn(path: string): number {
  const fd = check(libc.socket(AF_UNIX, SOCK_STREAM | O_CLOEXEC | O_NONBLOCK, 0), 'socket', 'unix')
  try {
    withUnixAddress(path, (address) => check(libc.bind(fd, address, address.length), 'bind', path))
    check(libc.listen(fd, 1), 'listen', path)
    return fd
  } catch (error) {
    closeFd(fd)
    throw error
  }
}

/** Takes the fd of one SCM_RIGHTS message, cmsg(3). The structs are those of 64-bit machines. */
async function receiveFd(connection: number): Promise<number> {
  const patience = Buffer.alloc(16)
  patience.writeBigInt64LE(PATIENCE_SECONDS, 0)
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
  const length = await checkAsync(libc.recvmsg, [connection, message, MSG_CMSG_CLOEXEC], { name: 'recvmsg' })
  const truncated = (message.readInt32LE(48) & MSG_CTRUNC) !== 0
  const isRights = control.readInt32LE(8) === SOL_SOCKET && control.readInt32LE(12) === SCM_RIGHTS
  // The buffers stay referenced until here: the kernel wrote into them on another thread.
  if (length === 0 || data.length === 0 || vector.length === 0 || truncated || !isRights) {
    throw new Error('the console socket was closed without a terminal')
  }
  return control.readInt32LE(16)
}
