import { basename } from 'node:path'
import { createClient } from '../api/client/index.ts'
import { failure, flag, messageOf, parseFlags, SlipwayError } from '../base/index.ts'
import type { Command, Context } from './command.ts'
import { type Found, findCommand } from './commands.ts'
import { chooseAddress, chooseVersion } from './connection.ts'
import { commandHelp, groupHelp, isGroup, programHelp } from './help.ts'
import { CLIENT_VERSION } from './version.ts'

/** Flags that stand before the command. */
export const GLOBAL_FLAGS = {
  debug: flag.boolean('Print more about failures', { short: 'D' }),
  help: flag.boolean('Print usage', { short: 'h', hidden: true }),
  host: flag.list('Daemon to talk to: unix://PATH or tcp://HOST:PORT', { short: 'H' }),
  version: flag.boolean('Print the version and quit', { short: 'v' }),
} as const

export interface Invocation {
  /** The name the program was started by. */
  readonly argv0: string
  readonly argv: readonly string[]
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
}

/** Runs one command line and gives the exit code; whatever goes wrong is printed to stderr. */
export async function main(invocation: Invocation): Promise<number> {
  const program = basename(invocation.argv0) === 'docker' ? 'docker' : 'slipway'
  try {
    return await dispatch(invocation, program)
  } catch (error) {
    return report(error, invocation)
  }
}

async function dispatch({ argv, stdin, stdout, stderr, env }: Invocation, program: string): Promise<number> {
  const { values, args } = parseFlags(GLOBAL_FLAGS, { argv, interspersed: false })
  if (values.version) {
    stdout.write(`Slipway version ${CLIENT_VERSION}\n`)
    return 0
  }
  const words = args[0] === 'help' ? [...args.slice(1), '--help'] : args
  const found = findCommand(words)
  if (!found) return explain(words, { program, stdout })
  const { command } = await found.entry.load()
  const parsed = parseCommand(command, { found, program })
  if (parsed.values.help) {
    stdout.write(commandHelp(command, { found, program }))
    return 0
  }
  const address = chooseAddress({ hosts: values.host, env, program })
  const client = createClient({ address, version: chooseVersion(env) })
  const context: Context = { stdin, stdout, stderr, env, program, client }
  return await command.run(context, parsed)
}

function parseCommand(command: Command, { found, program }: { found: Found; program: string }) {
  const table = { help: GLOBAL_FLAGS.help, ...command.flags }
  const usage = `See '${program} ${found.name} --help'.`
  try {
    const parsed = parseFlags(table, { argv: found.rest, interspersed: command.interspersed ?? true })
    if (!parsed.values.help) checkArguments(command, { found, program, count: parsed.args.length })
    return parsed
  } catch (cause) {
    if (cause instanceof SlipwayError && !cause.hint) {
      throw failure(cause.kind, cause.message, { cause, hint: usage, exitCode: 125 })
    }
    throw cause
  }
}

function checkArguments(
  command: Command,
  { found, program, count }: { found: Found; program: string; count: number },
): void {
  const { min, max } = command.args
  if (count >= min && count <= max) return
  const amount = min === max ? `${min}` : count < min ? `at least ${min}` : `at most ${max}`
  const wanted = max === 0 ? 'accepts no arguments' : `requires ${amount} argument${min === 1 || max === 1 ? '' : 's'}`
  throw failure('invalid', `'${program} ${found.name}' ${wanted}`, {
    hint: `See '${program} ${found.name} --help'.\n\nUsage:  ${program} ${found.name} ${command.synopsis}\n\n${found.entry.summary}`,
    exitCode: 1,
  })
}

function explain(
  words: readonly string[],
  { program, stdout }: { program: string; stdout: NodeJS.WriteStream },
): number {
  const [first, second] = words
  if (first === undefined || first === '--help') {
    stdout.write(programHelp(program))
    return 0
  }
  if (isGroup(first) && (second === undefined || second === '--help')) {
    stdout.write(groupHelp(first, program))
    return 0
  }
  const message = isGroup(first)
    ? `unknown command: ${program} ${first} ${second}`
    : `unknown command: ${program} ${first}`
  throw failure('invalid', `${program}: ${message}`, {
    hint: `Run '${program}${isGroup(first) ? ` ${first}` : ''} --help' for more information`,
    exitCode: 1,
  })
}

function report(error: unknown, { stderr, argv }: Invocation): number {
  if (!(error instanceof SlipwayError)) {
    stderr.write(`${error instanceof Error && argv.includes('-D') ? error.stack : messageOf(error)}\n`)
    return 1
  }
  stderr.write(`${error.message}\n${error.hint ? `\n${error.hint}\n` : ''}`)
  return error.exitCode ?? 1
}
