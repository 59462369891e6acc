import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { confineThread, getXattr, makeNode, setXattr, spawnProcess } from '../../../src/kernel/index.ts'

/** Goes into the folder, says what it sees there, waits for the main thread, and comes back. */
export interface ConfinedData {
  readonly folder: string
  /** Becomes 1 when the main thread has looked about. */
  readonly gate: Int32Array
}

const { folder, gate } = workerData as ConfinedData

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
}

const read = (path: string) => attempt(() => readFileSync(path, 'utf8'))

const thread = confineThread()
const fd = openSync(folder, constants.O_DIRECTORY)
thread.enter(fd)
mkdirSync('/made', 0o777)
writeFileSync('/made/file', 'by the worker')
makeNode('/made/fifo', { mode: constants.S_IFIFO | 0o666 })
setXattr('/made/file', 'user.a', Buffer.from('value'))
const inside = {
  root: readdirSync('/').toSorted(),
  here: readdirSync('.').toSorted(),
  up: readdirSync('../../..').toSorted(),
  absolute: read('/etc/hostname'),
  link: read('/link'),
  linkUp: read('/link-up'),
  proc: read('/proc/self/status'),
  modes: [statSync('/made').mode & 0o777, statSync('/made/fifo').mode & 0o777],
  xattr: getXattr('/made/file', 'user.a')?.toString(),
  badEnter: attempt(() => thread.enter(9999)),
  still: readdirSync('/').toSorted(),
}
parentPort?.postMessage({ inside })
Atomics.wait(gate, 0, 0)
thread.leave()
closeSync(fd)
parentPort?.postMessage({
  outside: {
    passwd: typeof read('/etc/passwd'),
    folder: readdirSync(folder).toSorted(),
    again: attempt(() => confineThread()),
    spawn: attempt(() => spawnProcess({ path: '/bin/true', args: [], env: [], fds: {} })),
  },
})
