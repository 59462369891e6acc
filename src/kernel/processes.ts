/** False when there is no such process. */
export declare function killProcess(pid: number, signal: number): boolean
/** With `startTime`: whether it is still that very process and not a later one with its number. A zombie is not alive. */
export declare function isProcessAlive(pid: number, startTime?: string): boolean
/** Start time in clock ticks since boot; undefined when there is no such process. */
export declare function processStartTime(pid: number): string | undefined
/** The caller closes. Throws `ESRCH`. */
export declare function openPidfd(pid: number): number
/** False when the process has gone. */
export declare function pidfdSignal(pidfd: number, signal: number): boolean
/** Orphaned descendants become our children from now on; reap them with `adoptChild`. */
export declare function setSubreaper(): void
