import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { delay, hasCode } from '../base/index.ts'
import { isProcessAlive, killProcess, processStartTime, watchProcess } from '../kernel/index.ts'
import type { RuntimeContext } from './context.ts'
import type { Bundle } from './layout.ts'
import { runCommand } from './process/command.ts'
import type { OciRuntime } from './process/oci-runtime.ts'
import { readTaskRecord } from './task-record.ts'

const SIGKILL = 9
/** Milliseconds that conmon gets to write the exit code of a container that has been killed. */
const CONMON_PATIENCE = 5_000

/** Takes away all that is left of a task whose processes have ended. Idempotent. */
export async function removeTask(
  context: RuntimeContext,
  { id, cgroup, runtime }: { readonly id: string; readonly cgroup: string; readonly runtime: OciRuntime },
): Promise<void> {
  const { layout, exits, cgroups } = context
  const state = join(runtime.stateRoot, id)
  if (!runtime.isCrun && existsSync(state)) {
    await runCommand({ path: runtime.path, args: [...runtime.args, 'delete', '--force', id] })
  }
  await killCgroup(context, cgroup)
  await cgroups.remove(cgroup)
  // A dozen small files in memory: one call after another is quicker than as many trips through the thread pool.
  rmSync(state, { recursive: true, force: true })
  exits.remove(id)
  // The bundle goes last: what still has one is found again after a crash.
  rmSync(layout.bundle(id).path, { recursive: true, force: true })
}

/** The same for one that nobody watches and that may still run: everything of it is killed first. */
export async function purgeTask(
  context: RuntimeContext,
  { id, cgroup }: { readonly id: string; readonly cgroup: string },
): Promise<void> {
  const { layout, runtimes } = context
  const bundle = layout.bundle(id)
  const conmon = findConmon(bundle)
  const record = readTaskRecord(bundle.record)
  if (record && isProcessAlive(record.init.pid, record.init.startTime)) killProcess(record.init.pid, SIGKILL)
  await killCgroup(context, cgroup)
  if (conmon !== undefined) await endConmon(conmon)
  for (const runtime of runtimes.all) await removeTask(context, { id, cgroup, runtime })
}

/** Ids with a bundle, a runtime's state or an exit code. */
export function findLeftovers({ layout, exits, runtimes }: RuntimeContext): readonly string[] {
  const folders = [layout.bundles, ...runtimes.all.map(({ stateRoot }) => stateRoot)]
  return [...new Set([...folders.flatMap(namesIn), ...exits.ids()])]
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Kills until nobody is left: frozen processes die when they thaw, one that is being born is found the next time. */
export async function killCgroup({ cgroups }: RuntimeContext, cgroup: string): Promise<void> {
  for (let attempt = 0; cgroups.processes(cgroup).length > 0 && attempt < 100; attempt += 1) {
    cgroups.killAll(cgroup, SIGKILL)
    if (attempt === 0) thaw(cgroups, cgroup)
    await delay(Math.min(attempt, 20))
  }
}

function thaw(cgroups: RuntimeContext['cgroups'], cgroup: string): void {
  try {
    cgroups.freeze(cgroup, false)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

/** The monitor of a bundle, known by its command line: its number may belong to somebody else by now. */
function findConmon({ path, conmonPidfile }: Bundle): number | undefined {
  try {
    const pid = Number(readFileSync(conmonPidfile, 'utf8'))
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(path) ? pid : undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}

/** It ends by itself with its container; when it does not, it is killed. */
async function endConmon(pid: number): Promise<void> {
  using watch = watchProcess(pid, processStartTime(pid))
  const alarm = setTimeout(() => killProcess(pid, SIGKILL), CONMON_PATIENCE)
  await watch.ended
  clearTimeout(alarm)
}
