import { getSystemErrorMap } from 'node:util'

export interface KernelErrorDetail {
  /** What the call was about: a path, an address, the name of a device. */
  readonly path?: string
  /** The kernel's own sentence, where it gives one besides the number. */
  readonly words?: string
}

/** A kernel call that failed. It carries facts and no kind: the caller knows what the failure means. */
export class KernelError extends Error {
  /** `ENOENT`; `errno 4242` for a number that has no name. */
  readonly code: string
  readonly errno: number
  readonly syscall: string
  readonly path: string | undefined

  constructor(errno: number, syscall: string, { path, words }: KernelErrorDetail = {}) {
    const [code, meaning] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, undefined]
    const subject = path === undefined ? syscall : `${syscall} ${JSON.stringify(path)}`
    super(`${subject}: ${code}: ${words ?? meaning ?? 'unknown error'}`)
    this.name = 'KernelError'
    this.code = code
    this.errno = errno
    this.syscall = syscall
    this.path = path
  }
}
