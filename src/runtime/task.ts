import { closeSync, constants, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { failure, hasCode } from '../base/index.ts'
import { isProcessAlive, killProcess, setProcessWindowSize } from '../kernel/index.ts'
import type { RuntimeResources } from '../oci/index.ts'
import type { RuntimeContext } from './context.ts'
import type { ExitStatus, Task, TaskOptions, WindowSize } from './contract.ts'
import { rotateLog } from './log/rotation.ts'
import { createOutputHub } from './output/hub.ts'
import type { LogStart } from './output/log-continuation.ts'
import { runCommand } from './process/command.ts'
import { createExec } from './process/exec.ts'
import type { OciRuntime } from './process/oci-runtime.ts'
import { startProcess } from './process/start.ts'
import { killCgroup, removeTask } from './removal.ts'
import { readTaskStats } from './stats/task-stats.ts'
import { watchTaskEnd } from './task-end.ts'
import type { TaskRecord } from './task-record.ts'

const SIGKILL = 9

export interface TaskSetup
  extends Pick<TaskOptions, 'terminal' | 'stdin' | 'stdinOnce' | 'logPath' | 'logRotation' | 'cgroup'> {
  readonly record: TaskRecord
  readonly runtime: OciRuntime
  /** Undefined: there is no log, or the task is an earlier daemon's. */
  readonly logStart: LogStart | undefined
  readonly isAdopted: boolean
  /** Standard input of the container has not been closed. */
  readonly inputOpen: boolean
}

export interface OpenTask extends Task {
  /** Stops watching; the process, its monitor and its files stay. */
  detach(): void
}

/** Docker keeps standard input of a terminal open whatever clients do. */
export function endsWithFirstClient({ stdinOnce, terminal }: { stdinOnce: boolean; terminal: boolean }): boolean {
  return stdinOnce && !terminal
}

/** The task of a container that exists: just created, or left by an earlier daemon. */
export function openTask(context: RuntimeContext, id: string, setup: TaskSetup): OpenTask {
  const { layout, exits, cgroups, clock, stallLimit } = context
  const { record, runtime, cgroup, logStart } = setup
  const { init } = record
  const bundle = layout.bundle(id)
  let status: ExitStatus | undefined
  let execs = 0

  const end = watchTaskEnd({ ...context, id, bundle, cgroup, ...record, exits, clock, onInitEnd: () => hub.drain() })
  const exited = end.exited.then((exit) => {
    status = exit
    return exit
  })
  const hub = createOutputHub({
    attachPath: bundle.attach,
    input: setup.stdin ? { endsWithFirst: endsWithFirstClient(setup), isOpen: setup.inputOpen } : undefined,
    log: logStart,
    exited,
    stallLimit,
  })
  // Nobody knows any more what came before: this is the task of an earlier daemon.
  if (setup.isAdopted) hub.begin()
  const rotation = startRotation(context, { id, control: bundle.control, setup })
  void exited.then(() => rotation?.[Symbol.dispose]())

  const isAlive = (): boolean => status === undefined && isProcessAlive(init.pid, init.startTime)

  function kill(signal: number): boolean {
    return isAlive() && killProcess(init.pid, signal)
  }

  function resize(size: WindowSize): void {
    if (!setup.terminal) throw failure('conflict', 'the container has no terminal')
    if (!isAlive()) throw failure('conflict', 'the container does not run')
    try {
      setProcessWindowSize(init.pid, size)
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTTY', 'ENXIO', 'EACCES', 'EIO')) throw error
      // The process has put something else in the place of its standard input; conmon still holds the terminal.
      resizeByConmon(bundle.control, size)
    }
  }

  async function update({ pids, ...resources }: RuntimeResources): Promise<void> {
    if (Object.keys(resources).length > 0) await updateByRuntime(resources)
    // crun cannot take this limit away.
    if (pids) cgroups.write(cgroup, 'pids.max', pids.limit > 0 ? String(pids.limit) : 'max')
  }

  async function updateByRuntime(resources: RuntimeResources): Promise<void> {
    const file = join(bundle.path, 'resources.json')
    writeFileSync(file, JSON.stringify(resources), { mode: 0o600 })
    try {
      const args = [...runtime.args, 'update', '--resources', file, id]
      const { code, output } = await runCommand({ path: runtime.path, args })
      if (code !== 0) throw failure('invalid', `cannot update the limits: ${output.trim()}`)
    } finally {
      rmSync(file, { force: true })
    }
  }

  async function remove(): Promise<void> {
    if (status === undefined) {
      kill(SIGKILL)
      await killCgroup(context, cgroup)
    }
    await exited
    await hub.finish()
    await removeTask(context, { id, cgroup, runtime })
    context.tasks.delete(task)
  }

  const task: OpenTask = {
    id,
    pid: init.pid,
    exited,
    start: async () => {
      hub.begin()
      await startProcess(runtime, id)
    },
    kill,
    attach: async (options) => hub.attach(options),
    resize,
    exec: async (options) => {
      if (!isAlive()) throw failure('conflict', `container ${id} is not running`)
      execs += 1
      return createExec({
        ...options,
        containerId: id,
        runtime,
        folder: bundle.path,
        name: `exec-${process.pid}-${execs}`,
        cgroups,
      })
    },
    pause: async () => cgroups.freeze(cgroup, true),
    resume: async () => cgroups.freeze(cgroup, false),
    update,
    stats: () => (isAlive() ? readTaskStats(cgroups, { cgroup, pid: init.pid }) : undefined),
    processes: () => cgroups.processes(cgroup),
    delete: remove,
    detach: () => {
      end[Symbol.dispose]()
      rotation?.[Symbol.dispose]()
      hub.close()
    },
  }
  context.tasks.add(task)
  return task
}

function startRotation(
  { log }: RuntimeContext,
  { id, control, setup }: { readonly id: string; readonly control: string; readonly setup: TaskSetup },
): Disposable | undefined {
  const { logPath: path, logRotation } = setup
  if (path === undefined || !logRotation) return undefined
  const onError = (error: unknown): void => log.warn({ task: id, error }, 'a log could not be rotated')
  return rotateLog({ ...logRotation, path, control, onError })
}

/** conmon applies one line of a read: see KERNEL.md 5. */
function resizeByConmon(path: string, { rows, columns }: WindowSize): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    writeSync(fd, `1 ${rows} ${columns}\n`)
  } finally {
    closeSync(fd)
  }
}
