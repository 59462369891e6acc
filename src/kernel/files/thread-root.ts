import { openSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { check, libc, O_CLOEXEC } from '../native/libc.ts'

const CLONE_FS = 0x200
const O_DIRECTORY = 0o200000

/** The root folder of one worker thread. While it is entered, no path that the thread uses can leave it. */
export interface ThreadRoot {
  /** Makes the folder behind `folderFd` the thread's root and working folder. */
  enter(folderFd: number): void
  /** Back to the root of the process. */
  leave(): void
}

/**
 * Gives this worker thread a root, working folder and umask (0) of its own. Once for a thread; refused on the main
 * thread, whose root is that of the whole program.
 */
export function confineThread(): ThreadRoot {
  if (isMainThread) throw new Error('the main thread cannot be confined')
  check(libc.unshare(CLONE_FS), 'unshare')
  libc.umask(0)
  const outside = openSync('/', O_DIRECTORY | O_CLOEXEC)
  const change = (fd: number): void => {
    check(libc.fchdir(fd), 'fchdir')
    check(libc.chroot('.'), 'chroot')
  }
  return { enter: change, leave: () => change(outside) }
}
