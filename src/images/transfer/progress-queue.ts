import type { Progress } from '../contract.ts'

/**
 * Carries progress from work that goes on by itself to one reader. A reader that is slow misses intermediate figures of
 * an item, never a step of it, so that the queue stays as short as there are items.
 */
export interface ProgressQueue extends AsyncIterable<Progress> {
  put(line: Progress): void
  /** No line follows; what is queued is still read. */
  end(): void
}

export function createProgressQueue(): ProgressQueue {
  const lines = new Map<string, Progress>()
  let wake = Promise.withResolvers<void>()
  let isOver = false
  let count = 0

  async function* read(): AsyncGenerator<Progress, void, void> {
    for (;;) {
      for (const [key, line] of lines) {
        lines.delete(key)
        yield line
      }
      if (lines.size > 0) continue
      if (isOver) return
      await wake.promise
      wake = Promise.withResolvers()
    }
  }

  return {
    put(line) {
      count += 1
      const isFigure = line.id !== undefined && line.progressDetail?.current !== undefined
      lines.set(isFigure ? `${line.id} ${line.status}` : `#${count}`, line)
      wake.resolve()
    },
    end() {
      isOver = true
      wake.resolve()
    },
    [Symbol.asyncIterator]: read,
  }
}
