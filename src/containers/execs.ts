import { failure, newId } from '../base/index.ts'
import { buildExecProcess, type ExecProcess, type OutputChunk, type WindowSize } from '../runtime/index.ts'
import type { Entry } from './catalog.ts'
import type { ContainerId, Exec, ExecRequest, Terminal } from './contract.ts'
import { createDetachScanner } from './detach-keys.ts'
import type { Household } from './household.ts'
import { specOf } from './starting.ts'
import { assertAllowed } from './states.ts'
import { createTerminal } from './terminal.ts'

/** Minutes that the result of an ended exec can still be asked for. */
const REMEMBERED = 5 * 60_000

interface ExecEntry {
  readonly id: string
  readonly entry: Entry
  readonly request: ExecRequest
  process: ExecProcess | undefined
  state: Exec['state']
  exitCode: number | undefined
}

/** Commands inside running containers. They live in memory only: they do not outlast the daemon. */
export interface Execs {
  create(entry: Entry, request: ExecRequest): string
  start(
    id: string,
    options: { readonly detach: boolean; readonly tty: boolean; readonly size?: WindowSize },
  ): Promise<Terminal | undefined>
  get(id: string): Exec
  resize(id: string, size: WindowSize): void
  /** Ids of the execs of a container that have not ended. */
  idsOf(id: ContainerId): readonly string[]
  close(): void
}

export function createExecs(household: Household): Execs {
  const { announce, catalog } = household
  const execs = new Map<string, ExecEntry>()
  const timers = new Set<NodeJS.Timeout>()
  // What was never started has nothing left to run in; with the container goes the memory of all its execs.
  const subscription = catalog.endings.listen(({ kind, id }) => {
    for (const exec of execs.values()) {
      if (exec.entry.id === id && (kind === 'removed' || exec.state === 'created')) execs.delete(exec.id)
    }
  })

  function find(id: string): ExecEntry {
    const exec = execs.get(id)
    if (!exec) throw failure('not-found', `No such exec instance: ${id}`)
    return exec
  }

  function create(entry: Entry, request: ExecRequest): string {
    assertAllowed('exec', entry.record)
    if (request.cmd.length === 0) throw failure('invalid', 'No exec command specified')
    createDetachScanner(request.detachKeys)
    const id = newId()
    execs.set(id, { id, entry, request, process: undefined, state: 'created', exitCode: undefined })
    announce(`exec_create: ${request.cmd.join(' ')}`, entry, { execID: id })
    return id
  }

  async function start(
    id: string,
    { detach, size }: { readonly detach: boolean; readonly tty: boolean; readonly size?: WindowSize },
  ): Promise<Terminal | undefined> {
    const exec = find(id)
    const { entry, request } = exec
    if (exec.state === 'exited') throw failure('conflict', `Error: Exec command ${id} has already run`)
    if (exec.state === 'running') throw failure('conflict', `Error: Exec command ${id} is already running`)
    assertAllowed('exec', entry.record)
    const { task } = entry
    if (!task) throw failure('conflict', `container ${entry.id} is not running`)
    exec.state = 'running'
    announce(`exec_start: ${request.cmd.join(' ')}`, entry, { execID: id })
    try {
      const wantedSize = size ?? request.consoleSize
      exec.process = await task.exec({
        process: processOf(exec, wantedSize),
        stdin: request.attachStdin && !detach,
        output: (request.attachStdout || request.attachStderr) && !detach,
        ...(wantedSize ? { size: wantedSize } : {}),
      })
    } catch (cause) {
      settle(exec, 'exitCode' in (cause as object) ? ((cause as { exitCode?: number }).exitCode ?? 126) : 126)
      throw cause
    }
    const { process } = exec
    void process.exited.then((code) => settle(exec, code))
    return detach ? undefined : terminalOf(exec, process)
  }

  function processOf({ entry, request }: ExecEntry, size: WindowSize | undefined) {
    entry.spec ??= specOf(household, { entry, sandbox: household.networks.sandboxOf(entry.id) })
    return buildExecProcess({
      spec: entry.spec,
      args: request.cmd,
      env: request.env,
      cwd: request.workingDir,
      user: request.user,
      groupAdd: entry.record.host.groupAdd,
      terminal: request.tty,
      privileged: request.privileged,
      ...(size ? { size } : {}),
    })
  }

  function settle(exec: ExecEntry, code: number): void {
    exec.state = 'exited'
    exec.exitCode = code
    announce('exec_die', exec.entry, { execID: exec.id, exitCode: String(code) })
    const timer = setTimeout(() => {
      timers.delete(timer)
      execs.delete(exec.id)
    }, REMEMBERED)
    timer.unref()
    timers.add(timer)
  }

  return {
    create,
    start,
    get(id) {
      const { entry, request, state, process, exitCode } = find(id)
      return {
        id,
        containerId: entry.id,
        request,
        state,
        pid: process?.pid ?? 0,
        exitCode,
        canRemove: state === 'exited',
      }
    },
    resize(id, size) {
      const { process, state } = find(id)
      if (state !== 'running' || !process) throw failure('conflict', `exec ${id} is not running`)
      process.resize(size)
    },
    idsOf: (id) =>
      Array.from(execs.values()).flatMap((exec) => (exec.entry.id === id && exec.state !== 'exited' ? [exec.id] : [])),
    close() {
      subscription[Symbol.dispose]()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

function terminalOf({ request }: ExecEntry, process: ExecProcess): Terminal {
  const wanted = { stdout: request.attachStdout || request.tty, stderr: request.attachStderr }
  async function* output(): AsyncGenerator<OutputChunk> {
    for await (const chunk of process.output) if (wanted[chunk.stream]) yield chunk
  }
  const scanner = request.tty ? createDetachScanner(request.detachKeys) : undefined
  // The process goes on when its client leaves; its pipes are let go.
  return createTerminal({ session: process, output: output(), scanner })
}
