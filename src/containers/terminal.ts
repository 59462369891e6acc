import type { OutputChunk } from '../runtime/index.ts'
import type { Terminal } from './contract.ts'
import type { createDetachScanner } from './detach-keys.ts'

/** What attach sessions and execs have in common. */
interface Session extends AsyncDisposable {
  write(data: Uint8Array): Promise<void>
  endInput(): Promise<void>
}

/** A client's view of a session: typed detach keys end it, and are not passed on. */
export function createTerminal({
  session,
  output,
  scanner,
}: {
  readonly session: Session | undefined
  readonly output: AsyncIterable<OutputChunk>
  /** Undefined where keys mean nothing: without a terminal. */
  readonly scanner: ReturnType<typeof createDetachScanner> | undefined
}): Terminal {
  const { promise: detached, resolve } = Promise.withResolvers<void>()

  async function write(data: Uint8Array): Promise<void> {
    if (!session) return
    if (!scanner) {
      await session.write(data)
      return
    }
    const { forward, detached: typed } = scanner.feed(data)
    if (forward.length > 0) await session.write(forward)
    if (typed) resolve()
  }

  return {
    output,
    write,
    endInput: async () => session?.endInput(),
    detached,
    [Symbol.asyncDispose]: async () => session?.[Symbol.asyncDispose](),
  }
}
