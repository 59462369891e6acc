import { failure } from './errors.ts'

/** Whatever waits takes this last and passes it on. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined
}

/** Throws `cancelled` (or the signal's own SlipwayError) when the signal has fired. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw abortReason(signal)
}

/** Waits for `promise`, giving up when the signal fires. The work itself goes on: stop it where it runs. */
export async function orAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise
  // Nobody waits for it when the signal has fired already: its failure is no news then.
  promise.catch(() => undefined)
  throwIfAborted(signal)
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(abortReason(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Resolves after `ms` milliseconds, or rejects with `cancelled` as soon as the signal fires. */
export async function delay(ms: number, { signal }: AbortOptions = {}): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  try {
    await orAborted(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}

function abortReason(signal: AbortSignal): unknown {
  const { reason } = signal
  return reason instanceof Error && reason.name === 'SlipwayError' ? reason : failure('cancelled', 'context canceled')
}
