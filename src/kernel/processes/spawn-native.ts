import koffi from 'koffi'
import { declare } from '../native/call.ts'
import { KernelError } from '../native/kernel-error.ts'

/** posix_spawn(3) and its two opaque objects. These functions give their error as result, not in errno. */

const library = koffi.load('libc.so.6')
const func = (prototype: string) => declare(library, prototype)

const spawn = func(
  'int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attributes, const char **argv, const char **envp)',
)
const actionsInit = func('int posix_spawn_file_actions_init(void *actions)')
const actionsDestroy = func('int posix_spawn_file_actions_destroy(void *actions)')
const addDup2 = func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)')
const addOpen = func(
  'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint32_t mode)',
)
const addClose = func('int posix_spawn_file_actions_addclose(void *actions, int fd)')
const addCloseFrom = func('int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)')
const addChdir = func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)')
const attributesInit = func('int posix_spawnattr_init(void *attributes)')
const setFlags = func('int posix_spawnattr_setflags(void *attributes, short flags)')
const setSigDefault = func('int posix_spawnattr_setsigdefault(void *attributes, const void *set)')
const setSigMask = func('int posix_spawnattr_setsigmask(void *attributes, const void *set)')

/** Larger than glibc's posix_spawn_file_actions_t (80) and posix_spawnattr_t (336) on every 64-bit machine. */
const OBJECT_SIZE = 512
const SIGSET_SIZE = 128
const SETSIGDEF = 0x04
const SETSIGMASK = 0x08
const SETSID = 0x80

/** What the child does between fork and exec, in the order in which it is said. */
export interface FileActions extends Disposable {
  readonly native: Buffer
  dup2(from: number, to: number): void
  open(fd: number, path: string, flags: number): void
  close(fd: number): void
  closeFrom(fd: number): void
  chdir(path: string): void
}

export function createFileActions(): FileActions {
  const native = Buffer.alloc(OBJECT_SIZE)
  must(actionsInit(native), 'file actions')
  return {
    native,
    dup2: (from, to) => must(addDup2(native, from, to), `fd ${from} as ${to}`),
    open: (fd, path, flags) => must(addOpen(native, fd, path, flags, 0), path),
    close: (fd) => must(addClose(native, fd), `fd ${fd}`),
    closeFrom: (fd) => must(addCloseFrom(native, fd), `fd ${fd}`),
    chdir: (path) => must(addChdir(native, path), path),
    [Symbol.dispose]: () => void actionsDestroy(native),
  }
}

export interface NativeSpawn {
  readonly path: string
  readonly argv: readonly string[]
  readonly env: readonly string[]
  readonly actions: FileActions
  readonly newSession: boolean
}

/** Gives the child's pid. All signals have their default action and none is blocked in the child. */
export function posixSpawn({ path, argv, env, actions, newSession }: NativeSpawn): number {
  const attributes = Buffer.alloc(OBJECT_SIZE)
  must(attributesInit(attributes), 'attributes')
  must(setSigDefault(attributes, Buffer.alloc(SIGSET_SIZE, 0xff)), 'signals')
  must(setSigMask(attributes, Buffer.alloc(SIGSET_SIZE)), 'signals')
  must(setFlags(attributes, SETSIGDEF | SETSIGMASK | (newSession ? SETSID : 0)), 'flags')
  const pid: [number] = [0]
  must(spawn(pid, path, actions.native, attributes, [...argv, null], [...env, null]), path)
  return pid[0]
}

function must(error: number, path: string): void {
  if (error !== 0) throw new KernelError(error, 'posix_spawn', { path })
}
