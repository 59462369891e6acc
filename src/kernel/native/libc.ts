import koffi from 'koffi'
import { KernelError } from './errors.ts'

const library = koffi.load('libc.so.6')

type Native = (...args: unknown[]) => number

/** Declares a libc function whose negative result means failure. Its declaration is C's. */
function declare(prototype: string): Native {
  return library.func(prototype) as unknown as Native
}

/** libc as it is; callers go through `check`. Buffers passed as `void *` are shared, not copied. */
export const libc = {
  accept4: declare('int accept4(int fd, void *addr, void *len, int flags)'),
  bind: declare('int bind(int fd, const void *addr, unsigned int len)'),
  chroot: declare('int chroot(const char *path)'),
  close: declare('int close(int fd)'),
  connect: declare('int connect(int fd, const void *addr, unsigned int len)'),
  dup3: declare('int dup3(int from, int to, int flags)'),
  fchdir: declare('int fchdir(int fd)'),
  fcntl: declare('int fcntl(int fd, int command, long arg)'),
  lremovexattr: declare('int lremovexattr(const char *path, const char *name)'),
  futimens: declare('int futimens(int fd, const void *times)'),
  flock: declare('int flock(int fd, int operation)'),
  getsockname: declare('int getsockname(int fd, void *addr, void *len)'),
  ioctl: declare('int ioctl(int fd, unsigned long request, void *argument)'),
  kill: declare('int kill(int pid, int signal)'),
  lgetxattr: declare('int64_t lgetxattr(const char *path, const char *name, void *value, size_t size)'),
  listen: declare('int listen(int fd, int backlog)'),
  llistxattr: declare('int64_t llistxattr(const char *path, void *list, size_t size)'),
  lsetxattr: declare('int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)'),
  mknod: declare('int mknod(const char *path, uint32_t mode, uint64_t device)'),
  mount: declare(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  open: declare('int open(const char *path, int flags, uint32_t mode)'),
  pipe2: declare('int pipe2(void *fds, int flags)'),
  prctl: declare('int prctl(int operation, unsigned long a, unsigned long b, unsigned long c, unsigned long d)'),
  recv: declare('int64_t recv(int fd, void *buffer, size_t length, int flags)'),
  recvmsg: declare('int64_t recvmsg(int fd, void *message, int flags)'),
  send: declare('int64_t send(int fd, const void *buffer, size_t length, int flags)'),
  setns: declare('int setns(int fd, int type)'),
  setsockopt: declare('int setsockopt(int fd, int level, int option, const void *value, unsigned int length)'),
  shutdown: declare('int shutdown(int fd, int how)'),
  socket: declare('int socket(int domain, int type, int protocol)'),
  socketpair: declare('int socketpair(int domain, int type, int protocol, void *fds)'),
  syncfs: declare('int syncfs(int fd)'),
  statfs: declare('int statfs(const char *path, void *result)'),
  umask: declare('int umask(uint32_t mask)'),
  umount2: declare('int umount2(const char *target, int flags)'),
  unshare: declare('int unshare(int flags)'),
  utimensat: declare('int utimensat(int folder, const char *path, const void *times, int flags)'),
  waitpid: declare('int waitpid(int pid, void *status, int options)'),
} as const

const rawSyscall = library.func('long syscall(long number, ...)') as unknown as (...args: unknown[]) => number | bigint

/** System calls that glibc of Debian 12 does not wrap; the numbers are the same on amd64 and arm64 (asm-generic). */
export const SYSCALL = {
  openTree: 428,
  moveMount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  pidfdOpen: 434,
  pidfdSendSignal: 424,
  openat2: 437,
  mountSetattr: 442,
} as const

/** Calls by number; arguments alternate between C type and value as koffi's variadic calls take them. */
export function syscall(number: number, ...args: unknown[]): number {
  return Number(rawSyscall(number, ...args))
}

/** Gives the result of a libc call, or throws what errno says about it. Must run right after the call. */
export function check(result: number | bigint, name: string, path?: string): number {
  const value = Number(result)
  if (value < 0) throw new KernelError(koffi.errno(), name, path)
  return value
}

/** errno of the call just made. */
export function lastErrno(): number {
  return koffi.errno()
}

/** Runs a call on the thread pool; resolves with its result and errno. */
export function callAsync(native: Native, args: readonly unknown[]): Promise<{ result: number; errno: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ result: number; errno: number }>()
  const asynchronous = (native as unknown as { async: (...args: unknown[]) => void }).async
  asynchronous(...args, (error: Error | null, result: number) => {
    if (error) reject(error)
    else resolve({ result: Number(result), errno: result < 0 ? koffi.errno() : 0 })
  })
  return promise
}

export function closeFd(fd: number): void {
  check(libc.close(fd), 'close')
}

export const O_CLOEXEC = 0o2000000
export const O_NONBLOCK = 0o4000
export const AT_FDCWD = -100
