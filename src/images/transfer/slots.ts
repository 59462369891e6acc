import { type AbortOptions, orAborted } from '../../base/index.ts'

/** Lets a fixed number of holders in at once, in the order in which they came. */
export interface Slots {
  /** Whether one who asks now has to wait. */
  isFull(): boolean
  /** Waits for a place; the caller disposes. */
  take(options?: AbortOptions): Promise<Disposable>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []

  function give(): void {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }

  async function take({ signal }: AbortOptions = {}): Promise<Disposable> {
    if (free > 0) free -= 1
    else {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push(resolve)
      try {
        await orAborted(promise, signal)
      } catch (error) {
        const at = waiting.indexOf(resolve)
        if (at >= 0) waiting.splice(at, 1)
        else give()
        throw error
      }
    }
    return { [Symbol.dispose]: give }
  }

  return { isFull: () => free === 0, take }
}
