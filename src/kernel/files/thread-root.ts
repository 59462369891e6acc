import { closeSync, constants, openSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { check } from '../native/call.ts'
import { libc } from '../native/libc.ts'

const CLONE_FS = 0x200

/**
 * The root folder of one worker thread. While it is entered, no path that the thread uses can leave it. That holds for
 * synchronous calls alone: what is asynchronous runs on the pool's threads, whose root is that of the process.
 */
export interface ThreadRoot {
  /** Makes the folder behind `folderFd` the thread's root and working folder. On failure nothing has changed. */
  enter(folderFd: number): void
  /** Back to the root of the process. */
  leave(): void
}

/** Once for a thread: what is `/` later may be a folder that was entered. */
let confined = false

/**
 * Gives this worker thread a root, working folder and umask (0) of its own. Fails when called again, and on the main
 * thread, whose root is that of the whole program.
 */
export function confineThread(): ThreadRoot {
  if (isMainThread) throw new Error('the main thread cannot be confined')
  if (confined) throw new Error('this thread has a root of its own already')
  const outside = openSync('/', constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    check(libc.unshare(CLONE_FS), 'unshare')
  } catch (error) {
    closeSync(outside)
    throw error
  }
  confined = true
  libc.umask(0)
  const leave = (): void => {
    check(libc.fchdir(outside), 'fchdir')
    check(libc.chroot('.'), 'chroot')
  }
  return {
    enter(folderFd) {
      check(libc.fchdir(folderFd), 'fchdir')
      try {
        check(libc.chroot('.'), 'chroot')
      } catch (error) {
        leave()
        throw error
      }
    },
    leave,
  }
}
