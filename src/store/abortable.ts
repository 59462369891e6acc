import { orAborted } from '../base/index.ts'

/**
 * The same values, until the signal fires: then it fails with the signal's reason at once, even while the source is
 * silent, which is closed but not waited for. Leaving early closes the source as ever.
 */
export async function* abortable<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, void> {
  const iterator = source[Symbol.asyncIterator]()
  let isWaiting = false
  let isOver = false
  try {
    while (!isOver) {
      isWaiting = true
      const { done, value } = await orAborted(iterator.next(), signal)
      isWaiting = false
      isOver = done === true
      if (!done) yield value
    }
  } catch (error) {
    // A source that has failed by itself is closed already; closing it again is harmless.
    if (isWaiting) void Promise.resolve(iterator.return?.()).catch(() => undefined)
    isOver ||= isWaiting
    throw error
  } finally {
    if (!isOver) await iterator.return?.()
  }
}
