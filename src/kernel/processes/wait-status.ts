/** How a process ended: by itself with a code, or by a signal. Both are null when somebody else has reaped it. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: number | null
}

/** Reads the status word of waitpid(2) for a process that has ended; the bit for a core dump is left out. */
export function decodeStatus(status: number): ProcessExit {
  const signal = status & 0x7f
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal }
}
