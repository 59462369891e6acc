import { type AbortOptions, orAborted } from './abort.ts'

/** Mutual exclusion by key: one holder a key, waiters served in order, keys forgotten when nobody holds or waits. */
export interface KeyedLock {
  /** Runs `work` alone for `key`. A fired signal ends the waiting, never work that has begun. Not reentrant. */
  run<T>(key: string, work: () => T | Promise<T>, options?: AbortOptions): Promise<T>
  /** Waits for the key; the caller disposes. */
  acquire(key: string, options?: AbortOptions): Promise<Disposable>
  isHeld(key: string): boolean
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<void>>()

  async function acquire(key: string, { signal }: AbortOptions = {}): Promise<Disposable> {
    const previous = tails.get(key) ?? Promise.resolve()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const tail = previous.then(() => released)
    tails.set(key, tail)
    const free = (): void => {
      release()
      if (tails.get(key) === tail) tails.delete(key)
    }
    try {
      await orAborted(previous, signal)
    } catch (error) {
      // The place in the queue is given back only when it comes up, or the one behind would overtake the holder.
      void previous.then(free)
      throw error
    }
    return { [Symbol.dispose]: free }
  }

  async function run<T>(key: string, work: () => T | Promise<T>, options?: AbortOptions): Promise<T> {
    using _held = await acquire(key, options)
    return await work()
  }

  return { run, acquire, isHeld: (key) => tails.has(key) }
}
