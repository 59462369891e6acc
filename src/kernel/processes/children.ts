import { libc } from '../native/libc.ts'
import { decodeStatus, type ProcessExit } from './wait-status.ts'

const WNOHANG = 1
const FOREVER = 2 ** 31 - 1

/** Children that have not been reaped. Process-wide by nature: SIGCHLD and waitpid are. */
const children = new Map<number, (exit: ProcessExit) => void>()
let listening = false
/** A signal listener alone does not keep the program alive; somebody who waits for a child wants it to. */
let vigil: NodeJS.Timeout | undefined

/** To be called before a child is born: its end must not pass unnoticed. */
export function listenForChildren(): void {
  if (listening) return
  listening = true
  process.on('SIGCHLD', reap)
}

/** Resolves when the child has been reaped. To be called before the event loop goes on. */
export function reaped(pid: number): Promise<ProcessExit> {
  const { promise, resolve } = Promise.withResolvers<ProcessExit>()
  children.set(pid, resolve)
  vigil ??= setInterval(() => {}, FOREVER)
  return promise
}

/** Whether the child still has its number: alive or waiting to be reaped. */
export function isUnreaped(pid: number): boolean {
  return children.has(pid)
}

/** Only our own children are waited for; Node's child processes are reaped by Node. One signal may stand for many. */
function reap(): void {
  const status = Buffer.alloc(4)
  for (const [pid, settle] of children) {
    const found = libc.waitpid(pid, status, WNOHANG)
    if (found === 0) continue
    children.delete(pid)
    settle(found < 0 ? { code: null, signal: null } : decodeStatus(status.readInt32LE(0)))
  }
  if (children.size > 0) return
  clearInterval(vigil)
  vigil = undefined
}
