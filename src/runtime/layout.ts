import { join } from 'node:path'

/** Where everything lies below the exec-root. Nothing of a runtime is anywhere else but its cgroups. */
export interface Layout {
  /** Bundles by container. */
  readonly bundles: string
  /** Exit codes, written by conmon into files named after containers. */
  readonly exits: string
  /** Compiled seccomp filters by digest. */
  readonly filters: string
  /** The state of OCI runtimes, a folder for each. */
  readonly states: string
  /** OCI runtimes, mounted read-only. */
  readonly binaries: string
  bundle(id: string): Bundle
}

/** A container's folder: the OCI bundle, which is also conmon's working directory. */
export interface Bundle {
  readonly path: string
  readonly config: string
  readonly pidfile: string
  readonly conmonPidfile: string
  /** What `adopt` must know. Written when create has succeeded. */
  readonly record: string
  /** conmon's sockets: output and input, and commands. */
  readonly attach: string
  readonly control: string
}

export function layoutOf(execRoot: string): Layout {
  const bundles = join(execRoot, 'containers')
  return {
    bundles,
    exits: join(execRoot, 'exits'),
    filters: join(execRoot, 'seccomp'),
    states: join(execRoot, 'state'),
    binaries: join(execRoot, 'runtimes'),
    bundle: (id) => {
      const path = join(bundles, id)
      return {
        path,
        config: join(path, 'config.json'),
        pidfile: join(path, 'pidfile'),
        conmonPidfile: join(path, 'conmon.pid'),
        record: join(path, 'task.json'),
        attach: join(path, 'attach'),
        control: join(path, 'ctl'),
      }
    },
  }
}
