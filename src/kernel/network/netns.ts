import { closeSync, openSync, promises, rmSync } from 'node:fs'
import { bindMount, unmountSync } from '../mounts/mounts.ts'
import { check } from '../native/call.ts'
import { O_CLOEXEC } from '../native/fd.ts'
import { libc } from '../native/libc.ts'
import { openNetlink } from '../netlink/socket.ts'
import { linkMessage } from './rtnetlink-requests.ts'

const CLONE_NEWNET = 0x40000000
const NETLINK_ROUTE = 0
const LOOPBACK = 1
/** `self` would be the main thread, wherever it is at the moment. */
const OWN_NAMESPACE = '/proc/thread-self/ns/net'

/** The namespace in which this thread is when it is in no other; opened once, by the first use. */
let home: number | undefined
/** The namespace in which an `inNetns` section is now. */
let current: number | undefined

/**
 * Makes all threads of the pool be born now, in the host's namespaces. Await it once before anything below: a thread
 * born inside an `inNetns` section would stay in the container's namespace for good.
 */
export async function startThreadPool(): Promise<void> {
  // The first piece of work starts all threads of the pool at once.
  await promises.stat('/')
  openHome()
}

/** Makes a new network namespace, bound to the file `path`, with its loopback up. EEXIST when the file exists. */
export function createNetns(path: string): void {
  closeSync(openSync(path, 'wx', 0o444))
  try {
    const back = current ?? openHome()
    check(libc.unshare(CLONE_NEWNET), 'unshare', path)
    try {
      bindMount({ source: OWN_NAMESPACE, target: path })
      using socket = openNetlink(NETLINK_ROUTE)
      socket.request([linkMessage(LOOPBACK, { up: true })], 'set lo up')
    } finally {
      goTo(back)
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
 * Sections may be nested. If the way back fails the process aborts, since everything it did afterwards would happen in
 * the wrong place.
 */
export function inNetns<T>(fd: number, work: () => T): T {
  const outer = current
  const back = outer ?? openHome()
  check(libc.setns(fd, CLONE_NEWNET), 'setns')
  current = fd
  try {
    return work()
  } finally {
    current = outer
    goTo(back)
  }
}

function openHome(): number {
  home ??= openNetns(OWN_NAMESPACE)
  return home
}

function goTo(fd: number): void {
  if (libc.setns(fd, CLONE_NEWNET) < 0) process.abort()
}
