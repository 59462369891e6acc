import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'

export declare function closeFd(fd: number): void
/** The copy closes on exec unless told otherwise. */
export declare function duplicateFd(fd: number, options?: { readonly cloexec?: boolean }): number
/** A connected pair of stream sockets, both close-on-exec and blocking. */
export declare function createSocketPair(): [number, number]
/** Read end and write end, both close-on-exec and blocking. */
export declare function createPipe(): [read: number, write: number]
/**
 * A stream over the fd, which it owns from now on. Pipes, sockets and terminals are polled; regular files and other
 * devices go through the thread pool. The end of a pty's other side is the end of the stream.
 */
export declare function streamOf(fd: number, direction: 'read'): Readable
export declare function streamOf(fd: number, direction: 'write'): Writable
export declare function streamOf(fd: number, direction: 'duplex'): Socket
