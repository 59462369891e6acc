import koffi, { type LibraryHandle } from 'koffi'
import { KernelError } from './kernel-error.ts'

const EINVAL = 22

/** A function of C. Buffers passed as `void *` are shared with it, not copied. */
export interface Native {
  (...args: unknown[]): number
  /** Runs it on the thread pool. */
  readonly async: (...args: unknown[]) => void
}

/** Declares a function as C does. Failure is a negative result, unless its manual says otherwise. */
export function declare(library: LibraryHandle, prototype: string): Native {
  const native = library.func(prototype) as unknown as Native
  return prototype.includes('char *') ? guarded(native, prototype) : native
}

/** C ends a text at its first NUL and would quietly work on another path: such texts never get there. */
function guarded(native: Native, prototype: string): Native {
  const assertTexts = (args: readonly unknown[]): void => {
    for (const arg of args) {
      if (typeof arg === 'string' && arg.includes('\0')) {
        throw new KernelError(EINVAL, nameOf(prototype), { path: arg, words: 'a text with a NUL in it' })
      }
    }
  }
  const call = (...args: unknown[]): number => {
    assertTexts(args)
    return native(...args)
  }
  const async = (...args: unknown[]): void => {
    assertTexts(args)
    native.async(...args)
  }
  return Object.assign(call, { async })
}

function nameOf(prototype: string): string {
  return /(\w+)\(/.exec(prototype)?.[1] ?? prototype
}

/** Gives the result of a call, or throws what errno says about it. Must run right after the call. */
export function check(result: number, name: string, path?: string): number {
  if (result < 0) throw new KernelError(koffi.errno(), name, path === undefined ? {} : { path })
  return result
}

/** errno of the call just made. */
export function lastErrno(): number {
  return koffi.errno()
}

/** Makes the call on the thread pool; its result, or a throw as of `check`. Buffers must stay referenced meanwhile. */
export async function checkAsync(
  native: Native,
  args: readonly unknown[],
  { name, path }: { readonly name: string; readonly path?: string },
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  native.async(...args, (error: Error | null, result: number) => {
    if (error) reject(error)
    // koffi hands over errno of the pool's thread together with the result.
    else if (result < 0) reject(new KernelError(koffi.errno(), name, path === undefined ? {} : { path }))
    else resolve(result)
  })
  return promise
}
