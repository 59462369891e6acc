import { check } from '../native/call.ts'
import { closeFd, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDWR } from '../native/fd.ts'
import { libc } from '../native/libc.ts'

const TIOCGPTN = 0x80045430
const TIOCSPTLCK = 0x40045431
const TIOCSWINSZ = 0x5414

export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

export interface Pty {
  /** Non-blocking. */
  readonly masterFd: number
  readonly slaveFd: number
  readonly slavePath: string
}

/** A new pseudo-terminal. The caller closes both fds. */
export function openPty(): Pty {
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

/** Sets the size of the terminal behind `fd`; its foreground processes get SIGWINCH. ENOTTY for anything else. */
export function setWindowSize(fd: number, { rows, columns }: TerminalSize): void {
  const size = Buffer.alloc(8)
  size.writeUInt16LE(rows & 0xffff, 0)
  size.writeUInt16LE(columns & 0xffff, 2)
  check(libc.ioctl(fd, TIOCSWINSZ, size), 'ioctl TIOCSWINSZ')
}

/** Sets the size of the terminal that a process has as its standard input. */
export function setProcessWindowSize(pid: number, size: TerminalSize): void {
  const path = `/proc/${pid}/fd/0`
  // Not waiting: the process chooses what this is, a fifo for instance.
  const fd = check(libc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK, 0), 'open', path)
  try {
    setWindowSize(fd, size)
  } finally {
    closeFd(fd)
  }
}
