import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/index.ts'
import { type Cgroups, isProcessAlive, killProcess, watchProcess } from '../kernel/index.ts'
import type { ExitStatus } from './contract.ts'
import type { Bundle } from './layout.ts'
import type { ProcessId } from './process/conmon.ts'
import type { ExitRecord, Exits } from './process/exits.ts'

const SIGKILL = 9
const KILLED = 128 + SIGKILL

export interface Watched {
  readonly id: string
  readonly bundle: Bundle
  readonly cgroup: string
  readonly init: ProcessId
  readonly conmon: ProcessId
  readonly exits: Exits
  readonly cgroups: Cgroups
  readonly clock: Clock
  /** The process has ended, conmon perhaps not yet. */
  readonly onInitEnd: () => void
}

export interface TaskEnd extends Disposable {
  /** Settles once and never rejects; never after disposal. */
  readonly exited: Promise<ExitStatus>
}

/**
 * Watches for the end of a task. conmon writes the exit code and ends; a conmon that ends without one has been killed,
 * and with it the only one who would know: then the container is killed too and counts as killed.
 */
export function watchTaskEnd(watched: Watched): TaskEnd {
  const { id, init, conmon, exits, cgroup, cgroups, clock } = watched
  const { promise: exited, resolve } = Promise.withResolvers<ExitStatus>()
  const resources = new DisposableStack()
  let disposed = false

  function settle({ code, at }: ExitRecord): void {
    if (disposed) return
    const oomKilled = cgroups.oomKills(cgroup) > 0 || existsSync(join(watched.bundle.path, 'oom'))
    dispose()
    resolve({ code, oomKilled, at })
  }

  function onConmonEnd(): void {
    if (disposed) return
    const exit = exits.read(id)
    if (!exit) killLeftovers(watched)
    settle(exit ?? { code: KILLED, at: clock.now() })
  }

  function dispose(): void {
    disposed = true
    resources.dispose()
  }

  resources.use(watch(conmon, onConmonEnd))
  resources.use(watch(init, watched.onInitEnd))
  const listening = exits.listen(id, settle)
  if (!disposed) resources.use(listening)
  return { exited, [Symbol.dispose]: dispose }
}

function watch({ pid, startTime }: ProcessId, callback: () => void): Disposable {
  let active = true
  const process = watchProcess(pid, startTime)
  process.ended.then(() => {
    if (active) callback()
  })
  return {
    [Symbol.dispose]: () => {
      active = false
      process[Symbol.dispose]()
    },
  }
}

function killLeftovers({ init, cgroup, cgroups }: Watched): void {
  if (isProcessAlive(init.pid, init.startTime)) killProcess(init.pid, SIGKILL)
  cgroups.killAll(cgroup, SIGKILL)
}
