/** Makes a network namespace with lo up and keeps it by a mount on `path`, whose file is created (`EEXIST` when present). */
export declare function createNetns(path: string): void
/** The caller closes the fd. */
export declare function openNetns(path: string): number
/** Lets go of the namespace: it ends when its last process, socket and fd are gone. Absent is fine. */
export declare function removeNetns(path: string): void
/**
 * Runs `work` with the calling thread inside the namespace. `work` is synchronous through and through: no promise, no
 * first use of something that starts threads. The process aborts when the way back fails.
 */
export declare function inNetns<T>(fd: number, work: () => T): T
