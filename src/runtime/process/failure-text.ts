import { stripVTControlCharacters } from 'node:util'
import { failure, type SlipwayError } from '../../base/index.ts'
import type { RuntimeProcess } from '../../oci/index.ts'

/** What an OCI runtime was doing for a process when it failed. */
export interface FailedCall {
  readonly action: 'create' | 'exec'
  readonly process: Pick<RuntimeProcess, 'args' | 'cwd'>
  /** All that it wrote about it, in colours when that was a terminal. */
  readonly output: string
}

/** Docker's codes: the command is not there, or cannot be run; anything else. */
const MISSING = 127
const FORBIDDEN = 126
const OTHER = 128

const MOUNT_HINT =
  'Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type'

/**
 * The error in the words of Docker, which clients look for. `invalid` with exitCode 126 or 127 when the command, its
 * folder or a mount is at fault, `internal` with 128 otherwise.
 */
export function explainFailure(call: FailedCall): SlipwayError {
  const output = stripVTControlCharacters(call.output).trim()
  const detail =
    messageOfRunc(output) ?? explainCommand({ ...call, output }) ?? lowerErrno(output.split('\n').at(-1) ?? '')
  const exitCode = exitCodeOf(detail)
  const hint = exitCode === MISSING && /not a directory/.test(detail) ? `: ${MOUNT_HINT}` : ''
  return failure(exitCode === OTHER ? 'internal' : 'invalid', `${PREFIX[call.action]}${detail}: unknown${hint}`, {
    exitCode,
  })
}

const PREFIX: Readonly<Record<FailedCall['action'], string>> = {
  create:
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ' +
    'unable to start container process: error during container init: ',
  exec: 'OCI runtime exec failed: exec failed: unable to start container process: ',
}

/** runc's words are Docker's; they come as the message of a log line. */
function messageOfRunc(output: string): string | undefined {
  const [, quoted] = /level=error msg=("(?:[^"\\]|\\.)*")/.exec(output) ?? []
  if (quoted === undefined) return undefined
  const message = quoted.slice(1, -1).replace(/\\(.)/g, '$1')
  return message.replace(/^.*unable to start container process: (?:error during container init: )?/s, '')
}

/** What crun says of the command itself. A name without a slash is looked for in PATH, and then all is "not found". */
function explainCommand({ output, process: { args, cwd } }: FailedCall): string | undefined {
  const command = args[0] ?? ''
  const isPath = command.includes('/')
  const quoted = JSON.stringify(command)
  if (/executable file `.*` not found in \$PATH/s.test(output)) {
    return isPath
      ? `exec: ${quoted}: stat ${command}: no such file or directory`
      : `exec: ${quoted}: executable file not found in $PATH`
  }
  const [, reason] = /open executable: (.+)/.exec(output) ?? []
  if (reason !== undefined) {
    if (!isPath) return `exec: ${quoted}: executable file not found in $PATH`
    // crun takes what is not a regular file for not permitted.
    return `exec: ${quoted}: ${/not permitted/.test(reason) ? 'is a directory' : lowerErrno(reason)}`
  }
  const [, problem] = /chdir `.*?`: (.+)/.exec(output) ?? []
  if (problem !== undefined) {
    return `chdir to cwd (${JSON.stringify(cwd)}) set in config.json failed: ${lowerErrno(problem)}`
  }
  return undefined
}

function exitCodeOf(detail: string): number {
  if (/executable file not found|no such file or directory/.test(detail)) return MISSING
  if (/permission denied|is a directory/.test(detail)) return FORBIDDEN
  return /not a directory/.test(detail) ? MISSING : OTHER
}

/** Go writes the texts of errno in lower case. */
function lowerErrno(text: string): string {
  const at = text.lastIndexOf(': ') + 1
  return text.slice(0, at) + text.slice(at).toLowerCase()
}
