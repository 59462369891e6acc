import { closeSync, openSync, promises, rmSync } from 'node:fs'
import { bindMount, unmountSync } from '../mounts/mounts.ts'
import { check, libc, O_CLOEXEC } from '../native/libc.ts'
import { message, openNetlink } from '../netlink/netlink.ts'

const CLONE_NEWNET = 0x40000000

/** The namespace this process was started in; opened once, by the first use. */
let home: number | undefined

/**
 * Makes all threads of the pool be born now, in the host's namespaces. Await it once before anything below: a thread
 * born inside an `inNetns` section would stay in the container's namespace for good.
 */
export async function startThreadPool(): Promise<void> {
  const size = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
  await Promise.all(Array.from({ length: size * 4 }, () => promises.stat('/')))
  openHome()
}

/** Makes a new network namespace, bound to the file `path`, with its loopback up. */
export function createNetns(path: string): void {
  closeSync(openSync(path, 'wx', 0o444))
  try {
    openHome()
    check(libc.unshare(CLONE_NEWNET), 'unshare', path)
    try {
      bindMount({ source: '/proc/thread-self/ns/net', target: path })
      raiseLoopback()
    } finally {
      goHome()
    }
  } catch (error) {
    removeNetns(path)
    throw error
  }
}

/** Opens a namespace file; the caller closes the fd. */
export function openNetns(path: string): number {
  return check(libc.open(path, O_CLOEXEC, 0), 'open', path)
}

/** Unbinds and deletes the file; the namespace ends when its last process and socket have gone. Idempotent. */
export function removeNetns(path: string): void {
  unmountSync(path, { detach: true })
  rmSync(path, { force: true })
}

/**
 * Runs `work` inside a network namespace. It must be synchronous: sockets it opens belong to that namespace for good.
 * If the way back fails the process aborts, since everything it did afterwards would happen in the wrong place.
 */
export function inNetns<T>(fd: number, work: () => T): T {
  openHome()
  check(libc.setns(fd, CLONE_NEWNET), 'setns')
  try {
    return work()
  } finally {
    goHome()
  }
}

/** RTM_NEWLINK for interface 1, which is the loopback of every namespace. */
function raiseLoopback(): void {
  using socket = openNetlink(0)
  const info = Buffer.alloc(16)
  info.writeInt32LE(1, 4)
  info.writeUInt32LE(1, 8)
  info.writeUInt32LE(1, 12)
  socket.request([message(16, 0, info)], 'set lo up')
}

function openHome(): number {
  home ??= check(libc.open('/proc/self/ns/net', O_CLOEXEC, 0), 'open', '/proc/self/ns/net')
  return home
}

function goHome(): void {
  if (libc.setns(openHome(), CLONE_NEWNET) < 0) process.abort()
}
