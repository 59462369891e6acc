import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/**
 * A failed system call. Carries what the kernel said and nothing about what it means: the caller who knows wraps it
 * with a kind. `code` works with `hasCode` as Node's own system errors do.
 */
export class KernelError extends Error {
  /** Symbolic, such as `ENOENT`. */
  readonly code: string
  /** Positive, as in errno(3). */
  readonly errno: number
  readonly syscall: string
  readonly path: string | undefined

  constructor(errno: number, syscall: string, detail: { readonly path?: string; readonly text?: string } = {}) {
    const code = errnoName(errno)
    const subject = detail.path === undefined ? '' : ` '${detail.path}'`
    const text = detail.text ? ` (${detail.text})` : ''
    super(`${code}: ${errnoText(errno)}, ${syscall}${subject}${text}`)
    this.name = 'KernelError'
    this.code = code
    this.errno = errno
    this.syscall = syscall
    this.path = detail.path
  }
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    .filter(([name]) => name !== 'EWOULDBLOCK' && name !== 'EOPNOTSUPP')
    .map(([name, number]) => [number, name]),
)

function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `E${errno}`
}

function errnoText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? `system error ${errno}`
}
