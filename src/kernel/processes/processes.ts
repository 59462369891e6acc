import { readFileSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { check, lastErrno } from '../native/call.ts'
import { libc } from '../native/libc.ts'

const ESRCH = 3

/**
 * Sends a signal; false when the process has gone. Throws a RangeError for a number that names no single process: to the
 * kernel 0 and less are groups, and -1 is everybody.
 */
export function killProcess(pid: number, signal: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) throw new RangeError(`not the number of a process: ${pid}`)
  const result = libc.kill(pid, signal)
  if (result < 0 && lastErrno() === ESRCH) return false
  check(result, 'kill', String(pid))
  return true
}

/** A number that with the pid names one process for as long as the machine runs; undefined when there is no such process. */
export function processStartTime(pid: number): string | undefined {
  return readStat(pid)?.startTime
}

/** Whether the process lives and has not ended as a zombie; `startTime` guards against another with its number. */
export function isProcessAlive(pid: number, startTime?: string): boolean {
  const stat = readStat(pid)
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return false
  return startTime === undefined || stat.startTime === startTime
}

function readStat(pid: number): ReturnType<typeof parseStat> | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}

/** Fields 3 and 22 of /proc/PID/stat. The command in parentheses may hold blanks and parentheses itself. */
export function parseStat(text: string): { readonly state: string; readonly startTime: string } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' }
}
