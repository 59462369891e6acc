import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClock, createSilentLog } from '../../../src/base/index.ts'
import { type Cgroups, openCgroups, startThreadPool } from '../../../src/kernel/index.ts'
import {
  type AttachSession,
  buildSpec,
  createRuntime,
  type OutputChunk,
  type Runtime,
  type RuntimeOptions,
  type SpecInput,
  type Task,
  type TaskOptions,
} from '../../../src/runtime/index.ts'
import { busyboxRootfs } from '../../fixtures/busybox.ts'
import { findLeaks } from '../../fixtures/leaks.ts'
import { specInput } from '../../fixtures/spec-input.ts'

/** A runtime on an exec-root of its own, with a busybox root filesystem. Disposing fails when anything is left. */
export interface Lab extends AsyncDisposable {
  readonly runtime: Runtime
  readonly cgroups: Cgroups
  readonly execRoot: string
  readonly rootfs: string
  logPath(id: string): string
  cgroup(id: string): string
  /** Creates a task that runs `args`; everything else as in Docker unless changed. */
  create(args: readonly string[], options?: CreateOptions): Promise<Task>
  /** Creates and starts it, with a client that reads from the first byte on. */
  start(args: readonly string[], options?: CreateOptions): Promise<Started>
  /** Runs it to its end, removes it and tells how it went. */
  run(args: readonly string[], options?: CreateOptions & { readonly input?: string }): Promise<Ran>
}

export interface CreateOptions extends Partial<Omit<TaskOptions, 'spec' | 'cgroup'>> {
  readonly id?: string
  readonly spec?: Partial<SpecInput>
}

export interface Started {
  readonly task: Task
  readonly session: AttachSession
  readonly output: Promise<Output>
}

export interface Output {
  readonly stdout: Buffer
  readonly stderr: Buffer
}

export interface Ran {
  readonly code: number
  readonly oomKilled: boolean
  readonly stdout: string
  readonly stderr: string
}

export async function openLab(options: Partial<RuntimeOptions> = {}): Promise<Lab> {
  await startThreadPool()
  const execRoot = mkdtempSync('/run/slw-rt-')
  const folder = mkdtempSync(join(tmpdir(), 'slw-rt-'))
  const rootfs = join(folder, 'rootfs')
  mkdirSync(rootfs)
  execFileSync('tar', ['-C', rootfs, '-xf', '-'], { input: await busyboxRootfs() })
  const parent = `/slw-rt-${randomBytes(4).toString('hex')}`
  const cgroups = openCgroups()
  cgroups.repair()
  const runtime = await createRuntime(runtimeOptions({ execRoot, cgroups, ...options }))
  const cgroup = (id: string): string => `${parent}/${id}`
  const logPath = (id: string): string => join(folder, `${id}.log`)

  async function create(args: readonly string[], changes: CreateOptions = {}): Promise<Task> {
    const { id = randomBytes(32).toString('hex'), spec, ...rest } = changes
    const terminal = rest.terminal ?? false
    const input = specInput({ id, rootfs, cgroup: cgroup(id), args, terminal, readonlyRootfs: true, ...spec })
    const defaults = { terminal, stdin: false, stdinOnce: false, logPath: logPath(id), cgroup: cgroup(id) }
    return runtime.create(id, { ...defaults, ...rest, spec: buildSpec(input) })
  }

  async function start(args: readonly string[], changes: CreateOptions = {}): Promise<Started> {
    const task = await create(args, changes)
    const session = await task.attach({ output: true, stdin: changes.stdin ?? false })
    await task.start()
    return { task, session, output: collect(session.output) }
  }

  async function run(args: readonly string[], changes: CreateOptions & { input?: string } = {}): Promise<Ran> {
    const { task, session, output } = await start(args, changes)
    if (changes.input !== undefined) {
      await session.write(Buffer.from(changes.input))
      await session.endInput()
    }
    const { stdout, stderr } = await output
    const { code, oomKilled } = await task.exited
    await session[Symbol.asyncDispose]()
    await task.delete()
    return { code, oomKilled, stdout: stdout.toString(), stderr: stderr.toString() }
  }

  async function dispose(): Promise<void> {
    for (const id of runtime.leftovers()) await runtime.purge(id, { cgroup: cgroup(id) })
    await runtime.close()
    await cgroups.remove(parent)
    const footprint = { dataRoot: folder, execRoot, cgroupParent: parent, instance: 'slw-none', containerIds: [] }
    const leaks = await findLeaks(footprint)
    rmSync(folder, { recursive: true })
    rmSync(execRoot, { recursive: true })
    if (leaks.length > 0) throw new Error(`left behind: ${JSON.stringify(leaks, null, 2)}`)
  }

  return { runtime, cgroups, execRoot, rootfs, logPath, cgroup, create, start, run, [Symbol.asyncDispose]: dispose }
}

/** The programs of this machine. */
export function runtimeOptions(
  options: Pick<RuntimeOptions, 'execRoot' | 'cgroups'> & Partial<RuntimeOptions>,
): RuntimeOptions {
  return {
    runtimes: { crun: '/usr/bin/crun' },
    conmonPath: '/usr/bin/conmon',
    clock: createClock(),
    log: createSilentLog(),
    ...options,
  }
}

/** Everything of an output, each stream by itself. */
export async function collect(output: AsyncIterable<OutputChunk>): Promise<Output> {
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  for await (const { stream, data } of output) chunks[stream].push(data)
  return { stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr) }
}

/** Reads an output step by step, as a person looks at a screen. */
export function readScreen(output: AsyncIterable<OutputChunk>): { see(text: string): Promise<void>; all(): string } {
  const chunks = output[Symbol.asyncIterator]()
  let screen = ''
  let seen = 0
  return {
    see: async (text) => {
      for (;;) {
        const at = screen.indexOf(text, seen)
        if (at >= 0) {
          seen = at + text.length
          return
        }
        const { value, done } = await chunks.next()
        if (done) throw new Error(`not seen: ${JSON.stringify(text)}; the screen is ${JSON.stringify(screen)}`)
        screen += (value as OutputChunk).data.toString()
      }
    },
    all: () => screen,
  }
}
