import { readFileSync, rmSync, watch } from 'node:fs'
import type { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { failure, hasCode } from '../../base/index.ts'
import { type Cgroups, type ChildProcess, killProcess, spawnProcess } from '../../kernel/index.ts'
import type { ExecOptions, ExecProcess } from '../contract.ts'
import { type ChunkQueue, createChunkQueue } from '../output/chunk-queue.ts'
import { createPump, type Pump } from '../output/pump.ts'
import { COMMAND_ENV } from './command.ts'
import { writeConfiguration } from './configuration.ts'
import { type ExecStdio, openOuterTerminal, openPipes, openTerminal, type PendingStdio } from './exec-stdio.ts'
import { explainFailure } from './failure-text.ts'
import type { OciRuntime } from './oci-runtime.ts'

const SIGKILL = 9
const SIGWINCH = 28

export interface ExecSetup extends ExecOptions {
  readonly containerId: string
  readonly runtime: OciRuntime
  /** A folder for files, which are all gone when the process has started. */
  readonly folder: string
  /** Unique in the folder. */
  readonly name: string
  readonly cgroups: Cgroups
}

/**
 * Starts a further process in a container as a child of a runtime that stays with it. Resolves when the process runs;
 * `invalid` with exitCode 126 or 127 and Docker's text when its command cannot.
 */
export async function createExec(setup: ExecSetup): Promise<ExecProcess> {
  void setup.cgroups.prewarm()
  const configPath = join(setup.folder, `${setup.name}.json`)
  const pidPath = join(setup.folder, `${setup.name}.pid`)
  const { size } = setup
  const consoleSize = size && { height: size.rows, width: size.columns }
  try {
    writeConfiguration(configPath, consoleSize ? { ...setup.process, consoleSize } : setup.process)
    return await startExec(setup, { configPath, pidPath })
  } finally {
    rmSync(configPath, { force: true })
    rmSync(pidPath, { force: true })
  }
}

interface ExecFiles {
  readonly configPath: string
  readonly pidPath: string
}

async function startExec(setup: ExecSetup, files: ExecFiles): Promise<ExecProcess> {
  const { output } = setup
  const pending = openStdio(setup, () => child.kill(SIGWINCH))
  const child = spawnRuntime(setup, { files, pending })
  const started = waitForPid(files.pidPath, child)
  const { promise: failed, resolve: fail } = Promise.withResolvers<void>()
  void started.then((pid) => pid === undefined && fail())
  const complaints = collectText(pending.complaints)
  const stdio = await pending.complete(failed)
  const queue = createChunkQueue(() => pump.advance())
  const pump = createPump(stdio?.outputs ?? {}, queue)
  const pid = await started
  if (stdio === undefined || pid === undefined) {
    // Only a runtime that has handed over no terminal is still there.
    child.kill(SIGKILL)
    await child.exited
    await pump.finish()
    stdio?.close()
    const said = (await complaints.end()) + (await textOf(queue))
    throw explainFailure({ action: 'exec', process: setup.process, output: said })
  }
  void complaints.end()
  if (!output) pump.discard()
  return openExec({ pid, child, stdio, queue, pump })
}

function openStdio(setup: ExecSetup, notify: () => void): PendingStdio {
  const { process, runtime, folder, name, size } = setup
  if (!process.terminal) return openPipes(setup)
  return runtime.isCrun ? openTerminal({ folder, name: `${name}.sock` }) : openOuterTerminal(size, notify)
}

function spawnRuntime(
  { runtime, containerId, folder }: ExecSetup,
  { files, pending }: { readonly files: ExecFiles; readonly pending: PendingStdio },
): ChildProcess {
  const options = ['--process', files.configPath, '--pid-file', files.pidPath, ...pending.args]
  try {
    return spawnProcess({
      path: runtime.path,
      args: [...runtime.args, 'exec', ...options, containerId],
      env: COMMAND_ENV,
      cwd: folder,
      fds: pending.fds,
    })
  } catch (error) {
    pending.abandon()
    throw error
  } finally {
    pending.closeTheirs()
  }
}

/** The runtime writes the pid when the command is about to be executed. Undefined when it ended without. */
async function waitForPid(path: string, child: ChildProcess): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const watcher = watch(dirname(path), () => {
    const pid = readPid(path)
    if (pid !== undefined) resolve(pid)
  })
  watcher.on('error', () => {})
  void child.exited.then(() => resolve(readPid(path)))
  try {
    return readPid(path) ?? (await promise)
  } finally {
    watcher.close()
  }
}

function readPid(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

interface RunningExec {
  readonly pid: number
  readonly child: ChildProcess
  readonly stdio: ExecStdio
  readonly queue: ChunkQueue
  readonly pump: Pump
}

function openExec({ pid, child, stdio, queue, pump }: RunningExec): ExecProcess {
  let running = true
  const exited = child.exited.then(({ code, signal }) => {
    running = false
    return code ?? 128 + (signal ?? 0)
  })
  void exited.then(async () => {
    await pump.finish()
    stdio.close()
  })

  async function write(data: Uint8Array): Promise<void> {
    const { input } = stdio
    if (!input) throw failure('conflict', 'the process has no standard input')
    const { promise, resolve } = Promise.withResolvers<boolean>()
    input.write(data, (error) => resolve(!error))
    if (!(await promise)) throw failure('conflict', 'the process has closed its standard input')
  }

  return {
    pid,
    output: queue.chunks,
    exited,
    write,
    endInput: async () => stdio.endInput(),
    resize: (size) => {
      if (!stdio.resize) throw failure('conflict', 'the process has no terminal')
      if (running) stdio.resize(size)
    },
    kill: (signal) => running && killProcess(pid, signal),
    [Symbol.asyncDispose]: async () => {
      pump.discard()
      stdio.endInput()
    },
  }
}

/** More than a runtime has to say. */
const COMPLAINTS_LIMIT = 64 * 1024

/** Gathers text as it comes; `end` waits for the rest of it. */
function collectText(socket: Socket | undefined): { end(): Promise<string> } {
  let text = ''
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  socket?.on('data', (data: Buffer) => {
    if (text.length < COMPLAINTS_LIMIT) text += data.toString()
  })
  for (const event of ['end', 'error', 'close'] as const) socket?.on(event, () => resolve())
  if (!socket) resolve()
  return {
    end: async () => {
      await ended
      socket?.destroy()
      return text
    },
  }
}

async function textOf(queue: ChunkQueue): Promise<string> {
  const chunks = await Array.fromAsync(queue.chunks)
  return Buffer.concat(chunks.map(({ data }) => data)).toString()
}
