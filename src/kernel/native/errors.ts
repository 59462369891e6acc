import { getSystemErrorName } from 'node:util'

/** A kernel call that failed. It carries facts and no kind: the caller knows what the failure means. */
export class KernelError extends Error {
  readonly code: string
  readonly errno: number
  readonly syscall: string
  readonly path: string | undefined

  constructor(errno: number, syscall: string, path?: string) {
    const code = errnoName(errno)
    super(`${syscall}${path === undefined ? '' : ` ${JSON.stringify(path)}`}: ${code}`)
    this.name = 'KernelError'
    this.code = code
    this.errno = errno
    this.syscall = syscall
    this.path = path
  }
}

function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno)
  } catch {
    return `errno ${errno}`
  }
}
