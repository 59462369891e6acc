import type { Socket } from 'node:net'
import { join } from 'node:path'
import { delay } from '../../base/index.ts'
import {
  closeFd,
  createPipe,
  duplicateFd,
  openConsoleSocket,
  openPty,
  setWindowSize,
  streamOf,
  streamOfTerminal,
} from '../../kernel/index.ts'
import type { StreamName, WindowSize } from '../contract.ts'

/** Our side of the standard streams of a further process. */
export interface ExecStdio {
  readonly outputs: Readonly<Partial<Record<StreamName, Socket>>>
  readonly input: Socket | undefined
  /** Does nothing on a terminal, which has no half-close. */
  endInput(): void
  readonly resize: ((size: WindowSize) => void) | undefined
  close(): void
}

/** Both sides before the process exists. */
export interface PendingStdio {
  /** fds of the runtime and what it must be told. */
  readonly fds: Readonly<Record<number, number>>
  readonly args: readonly string[]
  /** Closes the runtime's side: it has its copies now, or could not be started. */
  closeTheirs(): void
  /** Where the runtime complains, if that is none of the outputs. */
  readonly complaints: Socket | undefined
  /** Our side, as soon as it is complete; undefined when the runtime has ended before. To be called once. */
  complete(runtimeFailed: Promise<void>): Promise<ExecStdio | undefined>
  /** Gives our side up, when `complete` is not called. */
  abandon(): void
}

/** Pipes; those not wanted are /dev/null, but for errors, by which the runtime tells why it failed. */
export function openPipes({ stdin, output }: { readonly stdin: boolean; readonly output: boolean }): PendingStdio {
  const inputs = stdin ? createPipe() : undefined
  const outputs = output ? createPipe() : undefined
  const errors = createPipe()
  const theirs = [inputs?.[0], outputs?.[1], errors[1]].filter((fd) => fd !== undefined)
  const stdout = outputs && streamOf(outputs[0], 'read')
  const stderr = streamOf(errors[0], 'read')
  const input = inputs && streamOf(inputs[1], 'write')
  // Who writes learns of it by the result of the write.
  input?.on('error', () => {})
  const close = (): void => {
    for (const stream of [stdout, stderr, input]) stream?.destroy()
  }
  const ours = {
    outputs: { ...(stdout ? { stdout } : {}), stderr },
    input,
    endInput: () => void input?.end(),
    resize: undefined,
    close,
  }
  return {
    fds: Object.fromEntries(
      [inputs?.[0], outputs?.[1], errors[1]].flatMap((fd, to) => (fd === undefined ? [] : [[to, fd]])),
    ),
    args: [],
    closeTheirs: () => theirs.forEach(closeFd),
    complaints: undefined,
    complete: async () => ours,
    abandon: close,
  }
}

/** Milliseconds after the end of a failed runtime in which the terminal it may have sent is picked up. */
const LAST_CHANCE = 20

/** A terminal made in the container, whose master comes through a socket in `folder`. */
export function openTerminal({ folder, name }: { readonly folder: string; readonly name: string }): PendingStdio {
  const socket = openConsoleSocket(join(folder, name))
  const [read, write] = createPipe()
  const complaints = streamOf(read, 'read')

  async function complete(runtimeFailed: Promise<void>): Promise<ExecStdio | undefined> {
    void runtimeFailed.then(async () => {
      await delay(LAST_CHANCE)
      socket[Symbol.dispose]()
    })
    using _closing = socket
    const master = await socket.receive().catch(() => undefined)
    return master === undefined ? undefined : openMaster(master)
  }

  return {
    fds: { 2: write },
    // Relative: the runtime's working directory is the folder, and the whole path may be too long for a socket.
    args: ['--console-socket', name],
    closeTheirs: () => closeFd(write),
    complaints,
    complete,
    abandon: () => {
      socket[Symbol.dispose]()
      complaints.destroy()
    },
  }
}

/**
 * A terminal of ours, between which and that in the container a runtime copies that hands over none. It learns of a new
 * size by the signal for it, which `notify` sends.
 */
export function openOuterTerminal(size: WindowSize | undefined, notify: () => void): PendingStdio {
  const { masterFd, slaveFd } = openPty()
  if (size) setWindowSize(masterFd, size)
  const ours = openMaster(masterFd, notify)
  return {
    fds: { 0: slaveFd, 1: slaveFd, 2: slaveFd },
    args: [],
    closeTheirs: () => closeFd(slaveFd),
    complaints: undefined,
    complete: async () => ours,
    abandon: ours.close,
  }
}

function openMaster(master: number, notify?: () => void): ExecStdio {
  const sizeFd = duplicateFd(master)
  const terminal = streamOfTerminal(master)
  return {
    outputs: { stdout: terminal },
    input: terminal,
    endInput: () => {},
    resize: (size) => {
      setWindowSize(sizeFd, size)
      notify?.()
    },
    close: () => {
      terminal.destroy()
      closeFd(sizeFd)
    },
  }
}
