import { failure, messageOf } from '../base/index.ts'
import type { Context } from './command.ts'

/**
 * Does something to each of the named objects and prints each name that worked; goes on after a failure and fails at
 * the end with all messages. All at once, printed in the order given.
 */
export async function forEachName(
  { stdout }: Context,
  names: readonly string[],
  work: (name: string) => Promise<string | undefined>,
): Promise<number> {
  const results = await Promise.allSettled(names.map(work))
  const problems: string[] = []
  for (const [at, result] of results.entries()) {
    if (result.status === 'rejected') problems.push(messageOf(result.reason))
    else stdout.write(`${result.value ?? names[at]}\n`)
  }
  if (problems.length > 0) throw failure('internal', problems.join('\n'))
  return 0
}
