import { existsSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { O_RDWR } from '../native/fd.ts'
import { KernelError } from '../native/kernel-error.ts'
import { libc } from '../native/libc.ts'
import { isUnreaped, listenForChildren, reaped } from './children.ts'
import { createFileActions, type FileActions, posixSpawn } from './spawn-native.ts'
import type { ProcessExit } from './wait-status.ts'

export interface SpawnOptions {
  /** Absolute path of the program. */
  readonly path: string
  /** Without argv[0]. */
  readonly args: readonly string[]
  /** Default: the last part of `path`. */
  readonly argv0?: string
  /** `K=V`; nothing is inherited. */
  readonly env: readonly string[]
  readonly cwd?: string
  /** fd in the child: fd here. 0, 1 and 2 are /dev/null unless listed; the child has no others. The caller closes its own. */
  readonly fds: Readonly<Record<number, number>>
  readonly newSession?: boolean
}

export interface ChildProcess {
  readonly pid: number
  /** Settles when the process has been reaped. Never rejects. */
  readonly exited: Promise<ProcessExit>
  /** False when it has ended. */
  kill(signal: number): boolean
}

/**
 * Starts a program by posix_spawn: a tenth of a millisecond whatever the size of this process, where Node's own fork
 * blocks for 20 ms once it has grown. Signals are reset in the child. Fails with the errno of exec, whose path is that
 * of the program, or of the working folder when that is missing. On the main thread only, where SIGCHLD arrives.
 */
export function spawnProcess(options: SpawnOptions): ChildProcess {
  if (!isMainThread) throw new Error('a worker thread cannot spawn: it does not hear of the end of a child')
  const { path, args, argv0 = path.slice(path.lastIndexOf('/') + 1), env, cwd, newSession = false } = options
  assertTexts([argv0, ...args, ...env])
  listenForChildren()
  using actions = createFileActions()
  arrangeFds(actions, options.fds)
  if (cwd !== undefined) actions.chdir(cwd)
  try {
    const pid = posixSpawn({ path, argv: [argv0, ...args], env, actions, newSession })
    const exited = reaped(pid)
    return { pid, exited, kill: (signal) => isUnreaped(pid) && libc.kill(pid, signal) === 0 }
  } catch (error) {
    if (!(error instanceof KernelError) || cwd === undefined || existsSync(cwd)) throw error
    throw new KernelError(error.errno, 'chdir', { path: cwd })
  }
}

/** C would cut them short. */
function assertTexts(texts: readonly string[]): void {
  const bad = texts.find((text) => text.includes('\0'))
  if (bad !== undefined) throw new TypeError(`a NUL in an argument: ${JSON.stringify(bad)}`)
}

const STDIO = [0, 1, 2]

function arrangeFds(actions: FileActions, fds: Readonly<Record<number, number>>): void {
  const wanted = Object.entries(fds).map(([to, from]) => ({ to: Number(to), from }))
  const targets = new Set(wanted.map(({ to }) => to))
  const highest = Math.max(...STDIO, ...targets)
  // A source that is itself a target would be overwritten before its turn: such ones are moved out of the way first.
  let spare = Math.max(highest, ...wanted.map(({ from }) => from))
  const moved = wanted.map(({ to, from }) => {
    if (from === to || !targets.has(from)) return { to, from }
    spare += 1
    actions.dup2(from, spare)
    return { to, from: spare }
  })
  for (const { to, from } of moved) actions.dup2(from, to)
  for (const fd of STDIO) if (!targets.has(fd)) actions.open(fd, '/dev/null', O_RDWR)
  for (let fd = STDIO.length; fd < highest; fd += 1) if (!targets.has(fd)) actions.close(fd)
  actions.closeFrom(highest + 1)
}
