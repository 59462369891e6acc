import koffi from 'koffi'
import { declare } from './call.ts'

/** glibc 2.34 (Debian 12 has 2.36) on 64-bit machines. musl and 32-bit machines have other layouts. */
const library = koffi.load('libc.so.6')

const func = (prototype: string) => declare(library, prototype)

/** libc as it is; callers go through `check`. */
export const libc = {
  accept4: func('int accept4(int fd, void *addr, void *len, int flags)'),
  bind: func('int bind(int fd, const void *addr, uint32_t len)'),
  chroot: func('int chroot(const char *path)'),
  close: func('int close(int fd)'),
  connect: func('int connect(int fd, const void *addr, uint32_t len)'),
  dup3: func('int dup3(int from, int to, int flags)'),
  fchdir: func('int fchdir(int fd)'),
  fcntl: func('int fcntl(int fd, int command, long arg)'),
  flock: func('int flock(int fd, int operation)'),
  futimens: func('int futimens(int fd, const void *times)'),
  getsockname: func('int getsockname(int fd, void *addr, void *len)'),
  ioctl: func('int ioctl(int fd, unsigned long request, void *argument)'),
  kill: func('int kill(int pid, int signal)'),
  lgetxattr: func('int64_t lgetxattr(const char *path, const char *name, void *value, size_t size)'),
  listen: func('int listen(int fd, int backlog)'),
  llistxattr: func('int64_t llistxattr(const char *path, void *list, size_t size)'),
  lsetxattr: func('int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)'),
  mknod: func('int mknod(const char *path, uint32_t mode, uint64_t device)'),
  mount: func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  open: func('int open(const char *path, int flags, uint32_t mode)'),
  pipe2: func('int pipe2(void *fds, int flags)'),
  recv: func('int64_t recv(int fd, void *buffer, size_t length, int flags)'),
  recvmsg: func('int64_t recvmsg(int fd, void *message, int flags)'),
  send: func('int64_t send(int fd, const void *buffer, size_t length, int flags)'),
  setns: func('int setns(int fd, int type)'),
  setsockopt: func('int setsockopt(int fd, int level, int option, const void *value, uint32_t length)'),
  socket: func('int socket(int domain, int type, int protocol)'),
  socketpair: func('int socketpair(int domain, int type, int protocol, void *fds)'),
  statfs: func('int statfs(const char *path, void *result)'),
  syncfs: func('int syncfs(int fd)'),
  umask: func('int umask(uint32_t mask)'),
  umount2: func('int umount2(const char *target, int flags)'),
  unshare: func('int unshare(int flags)'),
  utimensat: func('int utimensat(int folder, const char *path, const void *times, int flags)'),
  waitpid: func('int waitpid(int pid, void *status, int options)'),
} as const

/** System calls that glibc of Debian 12 does not wrap. Their numbers are the same on all machines since number 424. */
export const systemCalls = {
  fsopen: systemCall(430, 'const char *filesystem, uint32_t flags'),
  fsconfig: systemCall(431, 'int fs, uint32_t command, const char *key, const char *value, int aux'),
  fsmount: systemCall(432, 'int fs, uint32_t flags, uint32_t attributes'),
  mountSetattr: systemCall(442, 'int folder, const char *path, uint32_t flags, const void *attributes, size_t size'),
  moveMount: systemCall(429, 'int from, const char *path, int to, const char *target, uint32_t flags'),
  openat2: systemCall(437, 'int folder, const char *path, const void *how, size_t size'),
  pidfdOpen: systemCall(434, 'int pid, uint32_t flags'),
} as const

/** syscall(2) is variadic in C alone: on amd64 and arm64 its arguments travel as those of any function. */
function systemCall(number: number, parameters: string): (...args: unknown[]) => number {
  const native = func(`long syscall(long number, ${parameters})`)
  return (...args) => native(number, ...args)
}
