import { type AbortOptions, orAborted } from '../base/index.ts'

/**
 * Work that several callers may want at once, done once for each key. A caller whose signal fires stops waiting; the
 * work itself is cancelled when nobody waits for it any more, and then a new caller begins anew.
 */
export interface SharedWork<T> {
  run(key: string, work: (signal: AbortSignal) => Promise<T>, options?: AbortOptions): Promise<T>
}

export function createSharedWork<T>(): SharedWork<T> {
  interface Running {
    readonly result: Promise<T>
    readonly cancel: AbortController
    waiting: number
  }
  const running = new Map<string, Running>()

  function begin(key: string, work: (signal: AbortSignal) => Promise<T>): Running {
    const cancel = new AbortController()
    const result = work(cancel.signal).finally(() => {
      if (running.get(key) === begun) running.delete(key)
    })
    const begun: Running = { result, cancel, waiting: 0 }
    running.set(key, begun)
    return begun
  }

  async function run(
    key: string,
    work: (signal: AbortSignal) => Promise<T>,
    { signal }: AbortOptions = {},
  ): Promise<T> {
    const found = running.get(key) ?? begin(key, work)
    found.waiting += 1
    try {
      return await orAborted(found.result, signal)
    } finally {
      found.waiting -= 1
      if (found.waiting === 0) {
        if (running.get(key) === found) running.delete(key)
        found.cancel.abort()
        // Everything is given back before the last caller goes on.
        await found.result.catch(() => undefined)
      }
    }
  }
  return { run }
}
