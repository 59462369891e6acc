import koffi from 'koffi'
import { KernelError } from '../native/errors.ts'
import { libc } from '../native/libc.ts'

const native = koffi.load('libc.so.6')
const posixSpawn = native.func(
  'int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attributes, const char **argv, const char **envp)',
)
const actionsInit = native.func('int posix_spawn_file_actions_init(void *actions)')
const actionsDestroy = native.func('int posix_spawn_file_actions_destroy(void *actions)')
const addDup2 = native.func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)')
const addOpen = native.func(
  'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint32_t mode)',
)
const addClose = native.func('int posix_spawn_file_actions_addclose(void *actions, int fd)')
const addChdir = native.func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)')
const attributesInit = native.func('int posix_spawnattr_init(void *attributes)')
const setFlags = native.func('int posix_spawnattr_setflags(void *attributes, short flags)')
const setSigDefault = native.func('int posix_spawnattr_setsigdefault(void *attributes, const void *set)')
const setSigMask = native.func('int posix_spawnattr_setsigmask(void *attributes, const void *set)')

/** Larger than glibc's posix_spawn_file_actions_t (80) and posix_spawnattr_t (336) on every 64-bit machine. */
const OBJECT_SIZE = 512
const SIGSET_SIZE = 128
const SETSIGDEF = 0x04
const SETSIGMASK = 0x08
const SETSID = 0x80
const WNOHANG = 1

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
  /** fd in the child: fd here. 0, 1 and 2 are /dev/null unless listed. The caller closes its own. */
  readonly fds: Readonly<Record<number, number>>
  readonly newSession?: boolean
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: number | null
}

export interface ChildProcess {
  readonly pid: number
  /** Settles when the process has been reaped. Never rejects. */
  readonly exited: Promise<ProcessExit>
  /** False when it has ended. */
  kill(signal: number): boolean
}

/** Children that have not been reaped. Process-wide by nature: SIGCHLD and waitpid are. */
const children = new Map<number, (exit: ProcessExit) => void>()
let listening = false
/** A signal listener alone does not keep the program alive; somebody who waits for a child wants it to. */
let vigil: NodeJS.Timeout | undefined
const FOREVER = 2 ** 31 - 1

/**
 * Starts a program by posix_spawn: a tenth of a millisecond whatever the size of this process, where Node's own fork
 * blocks for 20 ms once it has grown. Signals are reset in the child. Fails with the errno of exec.
 */
export function spawnProcess(options: SpawnOptions): ChildProcess {
  listen()
  const { path, args, argv0 = path.slice(path.lastIndexOf('/') + 1), env, newSession = false } = options
  const attributes = spawnAttributes(newSession)
  const actions = fileActions(options)
  const pidOut: [number] = [0]
  try {
    const failed: number = posixSpawn(pidOut, path, actions, attributes, [argv0, ...args, null], [...env, null])
    if (failed) throw new KernelError(failed, 'posix_spawn', path)
  } finally {
    actionsDestroy(actions)
  }
  const [pid] = pidOut
  const { promise: exited, resolve } = Promise.withResolvers<ProcessExit>()
  let alive = true
  vigil ??= setInterval(() => {}, FOREVER)
  children.set(pid, (exit) => {
    alive = false
    resolve(exit)
  })
  return { pid, exited, kill: (signal) => alive && libc.kill(pid, signal) === 0 }
}

function spawnAttributes(newSession: boolean): Buffer {
  const attributes = Buffer.alloc(OBJECT_SIZE)
  attributesInit(attributes)
  setSigDefault(attributes, Buffer.alloc(SIGSET_SIZE, 0xff))
  setSigMask(attributes, Buffer.alloc(SIGSET_SIZE))
  setFlags(attributes, SETSIGDEF | SETSIGMASK | (newSession ? SETSID : 0))
  return attributes
}

function fileActions({ fds, cwd }: SpawnOptions): Buffer {
  const actions = Buffer.alloc(OBJECT_SIZE)
  actionsInit(actions)
  const wanted = Object.entries(fds).map(([to, from]) => ({ to: Number(to), from }))
  // A source that is itself a target would be overwritten before its turn: such ones are moved out of the way first.
  const targets = new Set(wanted.map(({ to }) => to))
  let spare = Math.max(100, ...targets, ...wanted.map(({ from }) => from)) + 1
  const moved = wanted.map(({ to, from }) => {
    if (from === to || !targets.has(from)) return { to, from }
    addDup2(actions, from, spare)
    spare += 1
    return { to, from: spare - 1 }
  })
  for (const { to, from } of moved) addDup2(actions, from, to)
  for (const { from } of moved) if (!wanted.some((entry) => entry.from === from)) addClose(actions, from)
  for (const fd of [0, 1, 2]) if (!targets.has(fd)) addOpen(actions, fd, '/dev/null', fd === 0 ? 0 : 1, 0)
  if (cwd !== undefined) addChdir(actions, cwd)
  return actions
}

function listen(): void {
  if (listening) return
  listening = true
  process.on('SIGCHLD', reap)
}

/** Only our own children are waited for; Node's child processes are reaped by Node. */
function reap(): void {
  const status = Buffer.alloc(4)
  for (const [pid, settle] of children) {
    const found = libc.waitpid(pid, status, WNOHANG)
    if (found === 0) continue
    children.delete(pid)
    settle(found < 0 ? { code: null, signal: 9 } : decodeStatus(status.readInt32LE(0)))
  }
  if (children.size > 0) return
  clearInterval(vigil)
  vigil = undefined
}

/** wait(2)'s status word. */
export function decodeStatus(status: number): ProcessExit {
  const signal = status & 0x7f
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal }
}
