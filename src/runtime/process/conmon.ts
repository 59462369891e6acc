import { readFileSync } from 'node:fs'
import { failure } from '../../base/index.ts'
import { type ChildProcess, closeFd, createPipe, processStartTime, spawnProcess, streamOf } from '../../kernel/index.ts'
import type { Bundle, Layout } from '../layout.ts'
import { COMMAND_ENV } from './command.ts'
import type { OciRuntime } from './oci-runtime.ts'

export interface Monitored {
  readonly id: string
  readonly bundle: Bundle
  readonly layout: Layout
  readonly runtime: OciRuntime
  readonly conmonPath: string
  readonly terminal: boolean
  readonly stdin: boolean
  /** Standard input outlives the connections of clients. */
  readonly keepsInput: boolean
  readonly logPath: string | undefined
  readonly keepFds: readonly number[]
}

/** A process with the time of its start, which tells it from a later one with its number. */
export interface ProcessId {
  readonly pid: number
  readonly startTime: string
}

export type Creation =
  | { readonly init: ProcessId; readonly conmon: ProcessId }
  /** The runtime has refused; `output` is what it wrote. */
  | { readonly output: string }

/** fd by which conmon reports one line: `{"data": <pid>}` or `{"data": -1, "message": <output of the runtime>}`. */
const SYNC_FD = 3

/**
 * Starts conmon, which runs the runtime's `create` and stays with the container. Resolves when the process waits to be
 * started or has been refused; fails when conmon itself does not work.
 */
export async function createWithConmon(options: Monitored): Promise<Creation> {
  const [readFd, writeFd] = createPipe()
  let child: ChildProcess
  try {
    child = spawnConmon(options, writeFd)
  } catch (error) {
    closeFd(readFd)
    throw error
  } finally {
    closeFd(writeFd)
  }
  // The first process writes the pid file of the one that stays, and ends.
  const [report] = await Promise.all([readReport(readFd), child.exited])
  if (report.pid <= 0) return { output: report.message }
  const conmonPid = Number(readFileSync(options.bundle.conmonPidfile, 'utf8'))
  return { init: identify(report.pid), conmon: identify(conmonPid) }
}

function identify(pid: number): ProcessId {
  // A process that has gone already has no time: the empty one never matches.
  return { pid, startTime: processStartTime(pid) ?? '' }
}

function spawnConmon(options: Monitored, writeFd: number): ChildProcess {
  const kept = Object.fromEntries(options.keepFds.map((fd, index) => [SYNC_FD + 1 + index, fd]))
  return spawnProcess({
    path: options.conmonPath,
    args: conmonArgs(options),
    // Sockets of terminals go into the bundle; the marker of an OOM too, since that is the working directory.
    env: [...COMMAND_ENV, `_OCI_SYNCPIPE=${SYNC_FD}`, 'TMPDIR=.'],
    cwd: options.bundle.path,
    fds: { 2: writeFd, [SYNC_FD]: writeFd, ...kept },
    newSession: true,
  })
}

function conmonArgs(options: Monitored): string[] {
  const { id, bundle, layout, runtime, logPath } = options
  return [
    ...['--api-version', '1', '--cid', id, '--cuuid', id, '--name', id],
    ...['--runtime', runtime.path, '--bundle', bundle.path, '--full-attach'],
    ...['--container-pidfile', bundle.pidfile, '--conmon-pidfile', bundle.conmonPidfile],
    ...['--log-path', logPath === undefined ? 'none' : `k8s-file:${logPath}`, '--no-sync-log', '--log-level', 'error'],
    ...['--exit-dir', layout.exits],
    ...runtime.args.flatMap((arg) => ['--runtime-arg', arg]),
    ...(options.terminal ? ['--terminal'] : []),
    ...(options.stdin ? ['--stdin'] : []),
    ...(options.keepsInput ? ['--leave-stdin-open'] : []),
  ]
}

/** Its complaints come by the same pipe, before the report or instead of it. */
async function readReport(fd: number): Promise<{ readonly pid: number; readonly message: string }> {
  const stream = streamOf(fd, 'read')
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  stream.on('data', (data: Buffer) => {
    text += data.toString()
    if (REPORT.test(text)) resolve(text)
  })
  stream.on('end', () => resolve(text))
  stream.on('error', () => resolve(text))
  try {
    const line = REPORT.exec(await promise)
    if (!line) throw failure('internal', `conmon failed: ${text.trim()}`)
    const { data, message = '' } = JSON.parse(line[0]) as { data: number; message?: string }
    return { pid: data, message }
  } finally {
    stream.destroy()
  }
}

const REPORT = /^\{"data".*\}$/m
