import { closeSync, constants, linkSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'
import type { LogRotation } from '../contract.ts'
import { rotatedPath } from './log-files.ts'

/** Milliseconds between two looks at the size of a log: a fast writer passes the limit by what it writes meanwhile. */
const PERIOD = 250

export interface RotatedLog extends LogRotation {
  readonly path: string
  /** conmon's fifo for commands. */
  readonly control: string
  readonly onError: (error: unknown) => void
}

/**
 * Keeps the files of a log within their limits until disposed. The file that is written gets a second name; then conmon
 * puts a new file in the place of the first one. No line is lost, as conmon writes into either.
 */
export function rotateLog(log: RotatedLog): Disposable {
  let asked = false
  let looks = 0

  function look(): void {
    const size = sizeAndInode(log.path)
    if (!size) return
    if (isPending(log, size)) {
      looks += 1
      // An earlier daemon may have ended before it asked.
      if (!asked && looks > 1) asked = askForNewFile(log.control)
      return
    }
    asked = false
    looks = 0
    if (size.size < log.maxSize) return
    if (log.maxFiles > 1) shiftNames(log)
    asked = askForNewFile(log.control)
  }

  const timer = setInterval(() => {
    try {
      look()
    } catch (error) {
      log.onError(error)
    }
  }, PERIOD)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

interface Measured {
  readonly size: number
  readonly inode: number
}

/** The file has its second name, but conmon has not come to the new one yet. */
function isPending({ path, maxFiles }: RotatedLog, { inode }: Measured): boolean {
  return maxFiles > 1 && sizeAndInode(rotatedPath(path, 1))?.inode === inode
}

function shiftNames({ path, maxFiles }: RotatedLog): void {
  for (let number = maxFiles - 1; number > 1; number -= 1) {
    try {
      renameSync(rotatedPath(path, number - 1), rotatedPath(path, number))
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
  }
  rmSync(rotatedPath(path, 1), { force: true })
  linkSync(path, rotatedPath(path, 1))
}

/** False when conmon has ended: the next one goes on in the file that is there. */
function askForNewFile(control: string): boolean {
  try {
    const fd = openSync(control, constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      writeSync(fd, '2 0 0\n')
      return true
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENXIO')) return false
    throw error
  }
}

function sizeAndInode(path: string): Measured | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && { size: found.size, inode: found.ino }
}
