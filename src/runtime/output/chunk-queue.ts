import type { OutputChunk } from '../contract.ts'

/** What a single chunk weighs at least, so that single bytes do not fill the memory. */
const LEAST_WEIGHT = 512

/** Output on its way to one reader. Written from events, read by one iteration. */
export interface ChunkQueue {
  push(chunk: OutputChunk): void
  /** Bytes that wait for the reader, for the source to know when to pause; 0 once the queue has ended. */
  weight(): number
  /** Grows with each chunk that the reader takes. */
  taken(): number
  /** No more will come; what is there can still be read. Then `more`, if given, or the error. Later calls do nothing. */
  end(rest?: { readonly more?: AsyncIterable<OutputChunk>; readonly error?: Error }): void
  /** Can be iterated once. `onTaken` of the queue is called whenever the reader has taken a chunk. */
  readonly chunks: AsyncIterable<OutputChunk>
}

export function createChunkQueue(onTaken: () => void): ChunkQueue {
  const queue: OutputChunk[] = []
  let weight = 0
  let taken = 0
  let wake = Promise.withResolvers<void>()
  let ending: { readonly more?: AsyncIterable<OutputChunk>; readonly error?: Error } | undefined

  async function* read(): AsyncGenerator<OutputChunk> {
    for (;;) {
      const chunk = queue.shift()
      if (chunk) {
        weight -= weigh(chunk)
        taken += 1
        onTaken()
        yield chunk
      } else if (ending) {
        if (ending.more) yield* ending.more
        if (ending.error) throw ending.error
        return
      } else {
        await wake.promise
        wake = Promise.withResolvers()
      }
    }
  }

  return {
    push: (chunk) => {
      if (ending) return
      queue.push(chunk)
      weight += weigh(chunk)
      wake.resolve()
    },
    weight: () => (ending ? 0 : weight),
    taken: () => taken,
    end: (rest = {}) => {
      ending ??= rest
      wake.resolve()
    },
    chunks: read(),
  }
}

function weigh({ data }: OutputChunk): number {
  return Math.max(data.length, LEAST_WEIGHT)
}
