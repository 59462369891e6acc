import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { fstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  closeFd,
  createNetns,
  inNetns,
  listMounts,
  openNetns,
  removeNetns,
  unmountSync,
} from '../../../src/kernel/index.ts'
import { type CommandResult, mustRun } from '../../fixtures/command.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

/** A folder of the test's own. At the end nothing may be mounted in it, and it is deleted. */
export interface Folder extends Disposable {
  readonly path: string
  /** Makes folders in it and gives the path of the last. */
  folder(...names: readonly string[]): string
}

export function openFolder(): Folder {
  const path = mkdtempSync('/tmp/slipway-kernel-')
  return {
    path,
    folder(...names) {
      const made = join(path, ...names)
      mkdirSync(made, { recursive: true })
      return made
    },
    [Symbol.dispose]() {
      const left = mountsBelow(path)
      for (const target of left.toReversed()) unmountSync(target, { detach: true })
      rmSync(path, { recursive: true })
      assert.deepEqual(left, [], 'mounts left behind')
    },
  }
}

export function mountsBelow(path: string): string[] {
  return listMounts()
    .map(({ target }) => target)
    .filter((target) => target === path || target.startsWith(`${path}/`))
}

/** A network namespace of the test's own. */
export interface Namespace extends Disposable {
  readonly path: string
  readonly fd: number
  inside<T>(work: () => T): T
  /** Runs a program of the host inside. */
  run(...command: readonly string[]): Promise<CommandResult>
}

export function openNamespace(): Namespace {
  const path = `/tmp/slipway-netns-${randomBytes(6).toString('hex')}`
  createNetns(path)
  const fd = openNetns(path)
  return {
    path,
    fd,
    inside: (work) => inNetns(fd, work),
    run: (...command) => mustRun('nsenter', [`--net=${path}`, ...command]),
    [Symbol.dispose]() {
      closeFd(fd)
      removeNetns(path)
    },
  }
}

/** Numbers of the open fds of this process. */
export function openFds(): readonly string[] {
  // Reading the folder takes one more, which is closed by now.
  return readdirSync('/proc/self/fd').filter(isOpen)
}

function isOpen(fd: string): boolean {
  try {
    fstatSync(Number(fd))
    return true
  } catch {
    return false
  }
}

/** Waits until none is open but those of `before`; streams close theirs a little after their end. */
export async function nothingNewOpen(before: readonly string[]): Promise<void> {
  const known = new Set(before)
  await waitFor(() => openFds().every((fd) => known.has(fd)), { what: 'all closed that was opened' })
}
