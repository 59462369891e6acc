import { WINDOW } from './protocol.ts'

/** The sending end of a job's pieces: waits while the receiver has WINDOW of them unanswered. */
export interface PieceSender {
  /** Resolves when another piece may be sent. */
  ready(): Promise<void>
  sent(): void
  /** The receiver has answered one piece. */
  taken(): void
  /** Nobody receives any more: whoever waits goes on. */
  close(): void
}

export function createPieceSender(): PieceSender {
  let unanswered = 0
  let isClosed = false
  let wake: (() => void) | undefined
  return {
    async ready() {
      while (unanswered >= WINDOW && !isClosed) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
    },
    sent() {
      unanswered += 1
    },
    taken() {
      unanswered -= 1
      wake?.()
    },
    close() {
      isClosed = true
      wake?.()
    },
  }
}

/** The receiving end: pieces in their order, each answered by `taken` when it is handed out. One reader. */
export interface PieceReceiver extends AsyncIterable<Buffer> {
  push(bytes: Uint8Array): void
  end(): void
  /** The reader gets the error after what has arrived. */
  fail(error: unknown): void
}

export function createPieceReceiver(taken: () => void): PieceReceiver {
  const pieces: Buffer[] = []
  let ended: { readonly error?: unknown } | undefined
  let wake: (() => void) | undefined

  async function* read(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const piece = pieces.shift()
      if (piece) {
        taken()
        yield piece
      } else if (ended) {
        if ('error' in ended) throw ended.error
        return
      } else {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
    }
  }

  function finish(end: { readonly error?: unknown }): void {
    ended ??= end
    wake?.()
  }
  return {
    push(bytes) {
      pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      wake?.()
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    [Symbol.asyncIterator]: read,
  }
}
