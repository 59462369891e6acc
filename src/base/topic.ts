import type { AbortOptions } from './abort.ts'
import { failure } from './errors.ts'

/** One-to-many announcements inside the process. Publishing never waits for a listener. */
export interface Topic<T> {
  publish(value: T): void
  /** Calls `listener` synchronously for each value until disposed. A throwing listener is a bug. */
  listen(listener: (value: T) => void): Disposable
  /**
   * Values from now on, in order, until the signal fires (then the iteration ends quietly). A reader that falls more
   * than `limit` values behind (default 65536) gets `unavailable` instead of unbounded memory.
   */
  values(options?: AbortOptions & { readonly limit?: number }): AsyncIterableIterator<T>
}

export function createTopic<T>(): Topic<T> {
  const listeners = new Set<(value: T) => void>()

  function listen(listener: (value: T) => void): Disposable {
    listeners.add(listener)
    return { [Symbol.dispose]: () => listeners.delete(listener) }
  }

  function values({
    signal,
    limit = 65_536,
  }: AbortOptions & { readonly limit?: number } = {}): AsyncIterableIterator<T> {
    const queue: T[] = []
    let wake = Promise.withResolvers<void>()
    let overflown = false
    // Subscribed here and not at the first next(): nothing between this call and the first read is missed.
    const subscription = listen((value) => {
      if (queue.length >= limit) overflown = true
      else queue.push(value)
      wake.resolve()
    })
    const onAbort = (): void => wake.resolve()
    signal?.addEventListener('abort', onAbort, { once: true })

    async function* read(): AsyncGenerator<T> {
      try {
        while (!signal?.aborted) {
          const value = queue.shift()
          if (value !== undefined) {
            yield value
            continue
          }
          if (overflown) throw failure('unavailable', `reader fell more than ${limit} values behind`)
          await wake.promise
          wake = Promise.withResolvers<void>()
        }
      } finally {
        subscription[Symbol.dispose]()
        signal?.removeEventListener('abort', onAbort)
      }
    }
    return read()
  }

  return {
    publish: (value) => {
      for (const listener of listeners) listener(value)
    },
    listen,
    values,
  }
}
