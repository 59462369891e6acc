import type { Client } from '../api/client/index.ts'
import type { FlagTable, ParsedFlags } from '../base/index.ts'

/** What a command may touch of the world. */
export interface Context {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  /** `slipway`, or `docker` when started by that name. */
  readonly program: string
  /** Talks to the daemon that flags, environment and context choose. */
  readonly client: Client
}

/** How many words a command takes, with the sentence that its error prints. */
export interface ArgumentRule {
  readonly min: number
  readonly max: number
}

export const NO_ARGUMENTS: ArgumentRule = { min: 0, max: 0 }
export const ONE_ARGUMENT: ArgumentRule = { min: 1, max: 1 }
export const SOME_ARGUMENTS: ArgumentRule = { min: 1, max: Number.POSITIVE_INFINITY }

/** One command as its file exports it. `run` gives the exit code; failures are thrown. */
export interface Command<S extends FlagTable = FlagTable> {
  /** The words after the command's name, as usage prints them: `[OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly synopsis: string
  readonly flags: S
  readonly args: ArgumentRule
  /** False where everything from the first word on belongs to the container (`run`, `exec`, `create`). Default true. */
  readonly interspersed?: boolean
  readonly run: (context: Context, parsed: ParsedFlags<S>) => Promise<number>
}

/** Gives a command its exact flag types; the value is returned as it is. */
export function defineCommand<S extends FlagTable>(command: Command<S>): Command {
  return command as unknown as Command
}
