import { isKind, messageOf, SlipwayError } from '../base/index.ts'
import { packageVersion } from '../engine-facts.ts'
import { DAEMON_FLAGS } from './flags.ts'
import { type DaemonOptions, parseDaemonOptions } from './options.ts'
import { serve } from './serve.ts'

/** Runs slipwayd's command line and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = parseDaemonOptions(argv)
    const answer = quickAnswer(options)
    if (answer !== undefined) {
      process.stdout.write(answer)
      return 0
    }
    await serve(options)
    return 0
  } catch (error) {
    return report(error)
  }
}

function quickAnswer({ values }: DaemonOptions): string | undefined {
  if (values.help) return usage()
  if (values.version) return `Slipway version ${packageVersion()}\n`
  if (values.validate) return 'configuration OK\n'
  return undefined
}

function usage(): string {
  const lines = Object.entries(DAEMON_FLAGS).map(([name, { short, type, usage }]) => {
    const left = `${short ? `-${short}, ` : '    '}--${name}${type ? ` ${type}` : ''}`
    return `  ${left.padEnd(34)} ${usage}`
  })
  return `Usage:  slipwayd [OPTIONS]\n\nThe daemon that runs containers\n\nOptions:\n${lines.join('\n')}\n`
}

function report(error: unknown): number {
  const expected = error instanceof SlipwayError && !isKind(error, 'internal')
  const text = expected || !(error instanceof Error) ? messageOf(error) : (error.stack ?? messageOf(error))
  const hint = error instanceof SlipwayError && error.hint ? `\n${error.hint}` : ''
  process.stderr.write(`slipwayd: ${text}${hint}\n`)
  return 1
}
