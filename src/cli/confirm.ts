import { createInterface } from 'node:readline/promises'
import type { Context } from './command.ts'

/** Prints a warning and asks; true when the person says yes. */
export async function confirm({ stdin, stdout }: Context, warning: string): Promise<boolean> {
  stdout.write(`${warning}\n`)
  const lines = createInterface({ input: stdin, output: stdout })
  try {
    return /^y/i.test(await lines.question('Are you sure you want to continue? [y/N] '))
  } finally {
    lines.close()
  }
}
