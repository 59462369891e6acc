import { existsSync } from 'node:fs'
import { failure } from '../base/index.ts'
import { closeFd, createPipe, spawnProcess, streamOf } from '../kernel/index.ts'

export interface ProcessList {
  readonly titles: readonly string[]
  readonly processes: readonly (readonly string[])[]
}

const PROGRAMS = ['/usr/bin/ps', '/bin/ps']

/**
 * The processes among `pids` as the host's ps prints them with `psArgs` (empty: `-ef`). `invalid` for arguments that
 * would hide the process ids, `internal` with the first line of what ps complains about.
 */
export async function listProcesses(pids: readonly number[], psArgs: string): Promise<ProcessList> {
  const text = psArgs === '' ? '-ef' : psArgs
  assertPidTitle(text)
  const args = text.split(' ')
  // Some options of ps cannot be used together with a choice of processes.
  const chosen = pids.length > 0 ? await runPs([...args, `-q${pids.join(',')}`]) : undefined
  const run = chosen?.code === 0 ? chosen : await runPs(args)
  if (run.code === 0) return parsePsOutput(run.output, new Set(pids))
  throw failure('internal', `ps: ${run.complaint || `exit status ${run.code}`}`)
}

/** Refuses titles such as `user=PID`: the column of process ids is found by its title. */
function assertPidTitle(args: string): void {
  for (const [, column, title] of args.matchAll(/\s+([^\s]*)=\s*(PID[^\s]*)/g)) {
    if (column !== 'pid') throw failure('invalid', `specifying "${column}=${title}" is not allowed`)
  }
}

/** The rows of those processes, each with as many fields as there are titles. */
export function parsePsOutput(output: string, pids: ReadonlySet<number>): ProcessList {
  const [head = '', ...lines] = output.split('\n')
  const titles = fieldsOf(head)
  const column = titles.indexOf('PID')
  if (column < 0) throw failure('internal', "Couldn't find PID field in ps output")
  const processes: (readonly string[])[] = []
  let isOurs = false
  for (const line of lines) {
    const fields = fieldsOf(line)
    const pid = fields[column]
    if (pid === undefined) continue
    // Threads of a process have no process id of their own.
    if (pid !== '-') isOurs = pids.has(readPid(pid))
    if (isOurs) processes.push([...fields.slice(0, titles.length - 1), fields.slice(titles.length - 1).join(' ')])
  }
  return { titles, processes }
}

function readPid(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw failure('internal', `Unexpected pid '${text}': strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
}

function fieldsOf(line: string): readonly string[] {
  return line.split(/[\t\n\f\r ]+/).filter((field) => field !== '')
}

async function runPs(
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string; readonly complaint: string }> {
  const path = PROGRAMS.find((candidate) => existsSync(candidate))
  if (path === undefined) {
    throw failure('unavailable', 'exec: "ps": executable file not found in $PATH', {
      hint: 'install the package procps',
    })
  }
  const [outRead, outWrite] = createPipe()
  const [errorRead, errorWrite] = createPipe()
  const reading = Promise.all([readAll(outRead), readAll(errorRead)])
  const child = startPs({ path, args, outWrite, errorWrite })
  const [[output, errors], exit] = await Promise.all([reading, child?.exited])
  if (!exit) throw failure('internal', `ps: ${path} could not be started`)
  return { code: exit.code ?? 1, output, complaint: errors.split('\n', 1)[0] ?? '' }
}

/** The writing ends are closed here in any case, so that whoever reads comes to an end. */
function startPs({
  path,
  args,
  outWrite,
  errorWrite,
}: {
  readonly path: string
  readonly args: readonly string[]
  readonly outWrite: number
  readonly errorWrite: number
}) {
  try {
    return spawnProcess({ path, args, env: [`PATH=${process.env.PATH ?? ''}`], fds: { 1: outWrite, 2: errorWrite } })
  } catch {
    return undefined
  } finally {
    closeFd(outWrite)
    closeFd(errorWrite)
  }
}

async function readAll(fd: number): Promise<string> {
  return Buffer.concat(await Array.fromAsync(streamOf(fd, 'read'))).toString()
}
