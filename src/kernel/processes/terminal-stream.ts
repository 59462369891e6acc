import type { Socket } from 'node:net'
import { streamOverFd } from '../streams/polled-fd.ts'

/**
 * A stream over the master of a pseudo-terminal, which it owns from now on. When all who had the terminal open have
 * gone it emits an error with code EIO, which is a terminal's way to end. It has no half-close: never call `end`.
 */
export function streamOfTerminal(masterFd: number): Socket {
  return streamOverFd(masterFd, { writable: true })
}
