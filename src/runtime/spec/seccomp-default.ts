import type { SeccompProfile } from './seccomp-profile.ts'

type Rule = NonNullable<SeccompProfile['syscalls']>[number]

/** System calls that every process may use, by topic. A name that this machine does not have is passed over. */
const COMMON = `
  read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat openat2 creat close close_range
  lseek _llseek dup dup2 dup3 fcntl fcntl64 ioctl flock fsync fdatasync sync syncfs sync_file_range ftruncate
  ftruncate64 truncate truncate64 fallocate fadvise64 fadvise64_64 readahead copy_file_range sendfile sendfile64 splice
  tee vmsplice pipe pipe2 cachestat

  access faccessat faccessat2 chdir fchdir getcwd chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat
  lchown lchown32 stat stat64 fstat fstat64 fstatat64 newfstatat lstat lstat64 statx statfs statfs64 fstatfs fstatfs64
  statmount listmount getdents getdents64 link linkat symlink symlinkat readlink readlinkat rename renameat renameat2
  unlink unlinkat mkdir mkdirat rmdir mknod mknodat umask utime utimes utimensat utimensat_time64 futimesat
  name_to_handle_at inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
  getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr llistxattr flistxattr
  listxattrat removexattr lremovexattr fremovexattr removexattrat

  select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old
  epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64 io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents
  io_pgetevents_time64

  socketcall socketpair bind listen accept accept4 connect getsockname getpeername getsockopt setsockopt send sendto
  sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 shutdown

  mmap mmap2 munmap mremap mprotect msync mincore madvise mlock mlock2 mlockall munlock munlockall mseal brk
  remap_file_pages membarrier memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect map_shadow_stack
  process_mrelease

  fork vfork execve execveat exit exit_group wait4 waitid waitpid kill tkill tgkill pidfd_open pidfd_send_signal pause
  rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn restart_syscall
  getpid getppid gettid getpgid getpgrp setpgid getsid setsid set_tid_address set_robust_list get_robust_list rseq
  futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue set_thread_area get_thread_area uretprobe
  process_vm_readv process_vm_writev ptrace

  getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
  getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32
  setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset prctl seccomp
  landlock_create_ruleset landlock_add_rule landlock_restrict_self

  getpriority setpriority ioprio_get ioprio_set getrlimit ugetrlimit setrlimit prlimit64 getrusage getcpu
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_setaffinity sched_getattr sched_setattr
  sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_rr_get_interval
  sched_rr_get_interval_time64 sched_yield

  time gettimeofday times alarm nanosleep clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 clock_adjtime clock_adjtime64 adjtimex getitimer setitimer timer_create
  timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64

  ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
  mq_open mq_unlink mq_notify mq_getsetattr mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64

  uname sysinfo getrandom riscv_hwprobe
`

/** What a capability opens. */
const BY_CAPABILITY: Readonly<Record<string, string>> = {
  CAP_DAC_READ_SEARCH: 'open_by_handle_at',
  CAP_SYS_ADMIN: `bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr
    lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd
    setdomainname sethostname setns syslog umount umount2 unshare`,
  CAP_SYS_BOOT: 'reboot',
  CAP_SYS_CHROOT: 'chroot',
  CAP_SYS_MODULE: 'delete_module init_module finit_module',
  CAP_SYS_PACCT: 'acct',
  CAP_SYS_PTRACE: 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace',
  CAP_SYS_RAWIO: 'iopl ioperm',
  CAP_SYS_TIME: 'settimeofday stime clock_settime clock_settime64',
  CAP_SYS_TTY_CONFIG: 'vhangup',
  CAP_SYS_NICE: 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node',
  CAP_SYSLOG: 'syslog',
  CAP_BPF: 'bpf',
  CAP_PERFMON: 'perf_event_open',
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET together. */
const NEW_NAMESPACES = 0x7e020000

const ENOSYS = 38
const EPERM = 1
const AF_VSOCK = 40

/** Personalities that change nothing dangerous: Linux, Linux on 32 bit, 2.6 version numbers, both, and "tell me". */
const PERSONALITIES = [0, 0x8, 0x20000, 0x20008, 0xffffffff]

/** Docker's default: what is not named fails with EPERM; new namespaces and mounts need CAP_SYS_ADMIN. */
export const DEFAULT_PROFILE: SeccompProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [
    allow(COMMON),
    { ...allow('socket'), args: [{ index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }] },
    ...PERSONALITIES.map((value) => ({ ...allow('personality'), args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] })),
    { ...allow('arch_prctl modify_ldt'), includes: { arches: ['amd64'] } },
    {
      ...allow('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'),
      includes: { arches: ['arm64'] },
    },
    ...Object.entries(BY_CAPABILITY).map(([name, calls]) => ({ ...allow(calls), includes: { caps: [name] } })),
    {
      ...allow('clone'),
      args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      excludes: { caps: ['CAP_SYS_ADMIN'] },
    },
    // The flags of clone3 are behind a pointer that a filter cannot follow: the C library then falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS, excludes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
}

function allow(names: string): Rule {
  return { names: names.trim().split(/\s+/), action: 'SCMP_ACT_ALLOW' }
}
