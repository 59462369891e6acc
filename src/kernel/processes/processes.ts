import { readFileSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import { check, closeFd, libc, O_CLOEXEC, O_NONBLOCK } from '../native/libc.ts'

const PR_SET_CHILD_SUBREAPER = 36
const TIOCGPTN = 0x80045430
const TIOCSPTLCK = 0x40045431
const TIOCSWINSZ = 0x5414
const O_RDWR = 2
const O_NOCTTY = 0o400

/** Sends a signal; false when the process has gone. */
export function killProcess(pid: number, signal: number): boolean {
  try {
    check(libc.kill(pid, signal), 'kill', String(pid))
    return true
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false
    throw error
  }
}

/** Field 22 of /proc/PID/stat: with the pid it names one process for as long as the machine runs. */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command in parentheses may hold blanks and parentheses itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}

/** Whether the process lives and has not ended as a zombie; `startTime` guards against another with its number. */
export function isProcessAlive(pid: number, startTime?: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] !== 'Z' && fields[0] !== 'X' && (startTime === undefined || fields[19] === startTime)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return false
    throw error
  }
}

/** Orphans below this process become its children instead of init's. */
export function setSubreaper(): void {
  check(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 'prctl')
}

export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

/** A new pseudo-terminal. The caller closes both fds. */
export function openPty(): { readonly masterFd: number; readonly slaveFd: number; readonly slavePath: string } {
  const masterFd = check(libc.open('/dev/ptmx', O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK, 0), 'open', '/dev/ptmx')
  try {
    const number = Buffer.alloc(4)
    check(libc.ioctl(masterFd, TIOCSPTLCK, number), 'ioctl TIOCSPTLCK')
    check(libc.ioctl(masterFd, TIOCGPTN, number), 'ioctl TIOCGPTN')
    const slavePath = `/dev/pts/${number.readUInt32LE(0)}`
    const slaveFd = check(libc.open(slavePath, O_RDWR | O_NOCTTY | O_CLOEXEC, 0), 'open', slavePath)
    return { masterFd, slaveFd, slavePath }
  } catch (error) {
    closeFd(masterFd)
    throw error
  }
}

/** Sets the size of the terminal behind `fd`; its foreground processes get SIGWINCH. */
export function setWindowSize(fd: number, { rows, columns }: TerminalSize): void {
  const size = Buffer.alloc(8)
  size.writeUInt16LE(rows & 0xffff, 0)
  size.writeUInt16LE(columns & 0xffff, 2)
  check(libc.ioctl(fd, TIOCSWINSZ, size), 'ioctl TIOCSWINSZ')
}

/** Sets the size of the terminal that a process has as its standard input. */
export function setProcessWindowSize(pid: number, size: TerminalSize): void {
  const path = `/proc/${pid}/fd/0`
  const fd = check(libc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC, 0), 'open', path)
  try {
    setWindowSize(fd, size)
  } finally {
    closeFd(fd)
  }
}
