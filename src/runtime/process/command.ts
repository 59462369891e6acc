import { openSync, readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { type ChildProcess, closeFd, createPipe, spawnProcess, streamOf } from '../../kernel/index.ts'

/** A program in the environment that monitors and runtimes get: nothing of the engine's own. */
export interface Command {
  readonly path: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** A new file for the output of a command that leaves a process behind, which would hold a pipe open. */
  readonly outputFile?: string
}

export interface CommandResult {
  /** 128 + n when signal n ended it. */
  readonly code: number
  /** Standard output and error together. */
  readonly output: string
}

export const COMMAND_ENV: readonly string[] = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']

/** Runs a short command to its end; any exit code is a result. */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { outputFile } = command
  if (outputFile === undefined) return runWithPipe(command)
  const code = await codeOf(spawnInto(command, openSync(outputFile, 'w')))
  return { code, output: readFileSync(outputFile, 'utf8') }
}

async function runWithPipe(command: Command): Promise<CommandResult> {
  const [readFd, writeFd] = createPipe()
  const stream = streamOf(readFd, 'read')
  try {
    const child = spawnInto(command, writeFd)
    const [output, code] = await Promise.all([buffer(stream), codeOf(child)])
    return { code, output: output.toString() }
  } finally {
    stream.destroy()
  }
}

/** Closes `fd` here, whether it succeeds or not. */
function spawnInto({ path, args, cwd }: Command, fd: number): ChildProcess {
  try {
    return spawnProcess({ path, args, cwd, env: COMMAND_ENV, fds: { 1: fd, 2: fd } })
  } finally {
    closeFd(fd)
  }
}

async function codeOf({ exited }: ChildProcess): Promise<number> {
  const { code, signal } = await exited
  return code ?? 128 + (signal ?? 0)
}
