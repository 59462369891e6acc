import { existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { type Clock, failure, hasCode, type Log } from '../base/index.ts'
import { type Cgroups, isProcessAlive } from '../kernel/index.ts'
import type { RuntimeSpec } from '../oci/index.ts'
import type { RuntimeContext } from './context.ts'
import type { Runtime, Task, TaskOptions } from './contract.ts'
import { layoutOf } from './layout.ts'
import { withoutAbsentControllers } from './process/cgroup-resources.ts'
import { writeConfiguration } from './process/configuration.ts'
import { type Creation, createWithConmon } from './process/conmon.ts'
import { openExits } from './process/exits.ts'
import { explainFailure } from './process/failure-text.ts'
import { isInputOpen } from './process/input-state.ts'
import { DEFAULT_RUNTIME, type OciRuntime, openOciRuntimes } from './process/oci-runtime.ts'
import { openSeccompFilters } from './process/seccomp-filters.ts'
import { isWaiting } from './process/start.ts'
import { findLeftovers, purgeTask, removeTask } from './removal.ts'
import { endsWithFirstClient, openTask } from './task.ts'
import { readTaskRecord, writeTaskRecord } from './task-record.ts'

export interface RuntimeOptions {
  /** Everything lies below it: several runtimes on one host have one each. */
  readonly execRoot: string
  /** OCI runtimes by name, as absolute paths; `crun` must be among them and is the default. */
  readonly runtimes: Readonly<Record<string, string>>
  readonly conmonPath: string
  readonly cgroups: Cgroups
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds without progress after which a reader no longer holds a container back. Default 10 000. */
  readonly stallLimit?: number
}

const STALL_LIMIT = 10_000

/** Opens the runtime of an exec-root, which no other daemon uses. The caller closes it. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { stallLimit = STALL_LIMIT, ...shared } = options
  const layout = layoutOf(options.execRoot)
  mkdirSync(layout.bundles, { recursive: true, mode: 0o711 })
  const runtimes = await openOciRuntimes(layout, options.runtimes)
  const filters = await openSeccompFilters({ folder: layout.filters, crun: runtimes.find(DEFAULT_RUNTIME) })
  const exits = openExits(layout.exits)
  const context: RuntimeContext = { ...shared, layout, runtimes, filters, exits, stallLimit, tasks: new Set() }

  async function close(): Promise<void> {
    for (const task of context.tasks) task.detach()
    context.tasks.clear()
    exits.close()
    if (findLeftovers(context).length > 0) return
    await runtimes.release()
    for (const folder of [layout.filters, layout.states]) await rm(folder, { recursive: true, force: true })
    for (const folder of [layout.bundles, layout.exits]) if (existsSync(folder)) rmdirSync(folder)
  }

  return {
    create: (id, taskOptions) => createTask(context, { ...taskOptions, id }),
    adopt: async (id, taskOptions) => adoptTask(context, { ...taskOptions, id }),
    leftovers: () => findLeftovers(context),
    purge: (id, { cgroup }) => purgeTask(context, { id, cgroup }),
    prewarm: () => void options.cgroups.prewarm(),
    close,
  }
}

/** Names that are safe as parts of paths and in the command lines of programs. */
const ID = /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/

async function createTask(context: RuntimeContext, options: TaskOptions & { readonly id: string }): Promise<Task> {
  const { id, spec, logPath, cgroup, terminal } = options
  void context.cgroups.prewarm()
  const runtime = context.runtimes.find(options.runtime ?? DEFAULT_RUNTIME)
  if (!ID.test(id)) throw failure('invalid', `not usable as the name of a task: ${JSON.stringify(id)}`)
  if (logPath?.includes(':')) throw failure('invalid', `the path of a log must not have a colon: ${logPath}`)
  const configuration = await prepareSpec(context, { spec, runtime })
  const bundle = makeBundle(context, id)
  await using undo = new AsyncDisposableStack()
  undo.defer(() => removeTask(context, { id, cgroup, runtime }))
  context.exits.remove(id)
  const offset = logPath === undefined ? 0 : sizeOf(logPath)
  writeConfiguration(bundle.config, configuration)
  const keepsInput = !endsWithFirstClient(options)
  const created = await createWithConmon({
    ...context,
    ...options,
    bundle,
    runtime,
    logPath,
    keepsInput,
    keepFds: options.keepFds ?? [],
  })
  const record = { runtime: runtime.name, ...assertCreated(created, spec) }
  writeTaskRecord(bundle.record, record)
  const task = openTask(context, id, {
    ...options,
    terminal,
    record,
    runtime,
    logStart: logPath === undefined ? undefined : { path: logPath, offset, inode: inodeOf(logPath) },
    isAdopted: false,
    inputOpen: true,
  })
  undo.move()
  return task
}

async function prepareSpec(
  { cgroups, filters }: RuntimeContext,
  { spec, runtime }: { readonly spec: RuntimeSpec; readonly runtime: OciRuntime },
): Promise<RuntimeSpec> {
  const { resources } = spec.linux
  const linux = resources ? { ...spec.linux, resources: withoutAbsentControllers(resources, cgroups) } : spec.linux
  const fitting = { ...spec, linux }
  return runtime.isCrun ? filters.replace(fitting) : fitting
}

function makeBundle({ layout }: RuntimeContext, id: string): ReturnType<typeof layout.bundle> {
  const bundle = layout.bundle(id)
  try {
    mkdirSync(bundle.path, { mode: 0o700 })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    throw failure('conflict', `there is a task ${id} already`, { cause: error })
  }
  return bundle
}

function assertCreated(created: Creation, spec: RuntimeSpec): Exclude<Creation, { output: string }> {
  if ('output' in created) throw explainFailure({ action: 'create', process: spec.process, output: created.output })
  return created
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** conmon has made the file. */
function inodeOf(path: string): bigint {
  return statSync(path, { bigint: true }).ino
}

type AdoptOptions = Parameters<Runtime['adopt']>[1] & { readonly id: string }

function adoptTask(context: RuntimeContext, options: AdoptOptions): Task | undefined {
  const { id } = options
  const record = readTaskRecord(context.layout.bundle(id).record)
  if (!record) return undefined
  const runtime = context.runtimes.find(record.runtime)
  const { init, conmon } = record
  const inputOpen = endsWithFirstClient(options) ? isInputOpen({ init: init.pid, conmon: conmon.pid }) : options.stdin
  // Never started: nothing has run, and nobody waits for it any more.
  if (isProcessAlive(init.pid, init.startTime) && isWaiting(runtime, id)) return undefined
  return openTask(context, id, { ...options, record, runtime, logStart: undefined, isAdopted: true, inputOpen })
}
