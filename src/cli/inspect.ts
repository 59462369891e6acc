import { failure, messageOf } from '../base/index.ts'
import type { Context } from './command.ts'
import { compileTemplate } from './format/template.ts'

/**
 * Prints what `fetch` gives for each name: a JSON array indented by four, or a line of the template for each. Names
 * that fail are reported after the ones that worked.
 */
export async function inspectNames(
  { stdout }: Context,
  names: readonly string[],
  { format, fetch }: { readonly format: string; readonly fetch: (name: string) => Promise<unknown> },
): Promise<number> {
  const render = format === '' || format === 'json' ? undefined : compileTemplate(format)
  const results = await Promise.allSettled(names.map(fetch))
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  if (render) stdout.write(found.map((value) => `${render(value)}\n`).join(''))
  else if (format === 'json') stdout.write(found.map((value) => `${JSON.stringify(value)}\n`).join(''))
  else stdout.write(`${JSON.stringify(found, undefined, 4)}\n`)
  const problems = results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []))
  if (problems.length > 0) throw failure('not-found', problems.join('\n'))
  return 0
}
