import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { failure } from '../../base/index.ts'
import { bindMount, unmount } from '../../kernel/index.ts'
import type { Layout } from '../layout.ts'

/** An OCI runtime as the monitors call it. */
export interface OciRuntime {
  readonly name: string
  readonly path: string
  /** The folder with one folder for each of its containers. */
  readonly stateRoot: string
  /** In front of every command. */
  readonly args: readonly string[]
  /** crun's own ways are known: seccomp filters as BPF, start through its fifo, deletion by removing its files. */
  readonly isCrun: boolean
}

export interface OciRuntimes {
  /** `invalid` with Docker's text for a name that was not registered. */
  find(name: string): OciRuntime
  readonly all: readonly OciRuntime[]
  /** Takes the mounts away. */
  release(): Promise<void>
}

export const DEFAULT_RUNTIME = 'crun'

/**
 * Prepares the runtimes of this exec-root. crun copies itself at every call unless its file is on a read-only mount,
 * so it is run from one; such a mount of an earlier daemon is renewed, since the program may have been upgraded.
 */
export async function openOciRuntimes(layout: Layout, paths: Readonly<Record<string, string>>): Promise<OciRuntimes> {
  const mounted: string[] = []
  const all = new Map<string, OciRuntime>()
  for (const [name, source] of Object.entries(paths)) {
    const isCrun = basename(source) === 'crun'
    const path = isCrun ? await mountReadonly(source, join(layout.binaries, name)) : source
    if (isCrun) mounted.push(path)
    const stateRoot = join(layout.states, name)
    mkdirSync(stateRoot, { recursive: true, mode: 0o700 })
    const args = [`--root=${stateRoot}`, ...(isCrun ? ['--cgroup-manager=cgroupfs'] : [])]
    all.set(name, { name, path, stateRoot, args, isCrun })
  }

  function find(name: string): OciRuntime {
    const found = all.get(name)
    if (!found) throw failure('invalid', `unknown or invalid runtime name: ${name}`)
    return found
  }

  async function release(): Promise<void> {
    for (const path of mounted) {
      await unmount(path, { detach: true })
      rmSync(path, { force: true })
    }
    if (existsSync(layout.binaries) && readdirSync(layout.binaries).length === 0) rmdirSync(layout.binaries)
  }

  return { find, all: [...all.values()], release }
}

async function mountReadonly(source: string, target: string): Promise<string> {
  mkdirSync(join(target, '..'), { recursive: true })
  await unmount(target, { detach: true })
  writeFileSync(target, '')
  bindMount({ source, target, readonly: true, propagation: 'private' })
  return target
}
