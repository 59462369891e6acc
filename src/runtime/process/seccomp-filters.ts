import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { failure, hasCode, writeFileAtomic } from '../../base/index.ts'
import type { RuntimeSpec, SeccompSpec } from '../../oci/index.ts'
import { type CommandResult, runCommand } from './command.ts'
import type { OciRuntime } from './oci-runtime.ts'

/** The annotation by which crun takes a filter that is compiled already. */
const ANNOTATION = 'run.oci.seccomp_bpf_data'

export interface SeccompFilters {
  /**
   * The same container with its profile replaced by the compiled filter, which saves crun 20 ms each time. `invalid`
   * when the profile cannot be compiled.
   */
  replace(spec: RuntimeSpec): Promise<RuntimeSpec>
}

/** Filters are compiled once for each profile, by crun itself, and kept in `folder`. */
export async function openSeccompFilters({
  folder,
  crun,
}: {
  readonly folder: string
  readonly crun: OciRuntime
}): Promise<SeccompFilters> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(folder).filter(isWorkFolder)) await removeWorkFolder(join(folder, name), crun)
  const known = new Map<string, Promise<string>>()

  function filterOf(profile: SeccompSpec): Promise<string> {
    const text = JSON.stringify(profile)
    const digest = createHash('sha256').update(text).digest('hex')
    const found = known.get(digest)
    if (found) return found
    const filter = loadOrCompile({ path: join(folder, digest), profile, crun })
    known.set(digest, filter)
    filter.catch(() => known.delete(digest))
    return filter
  }

  return {
    replace: async (spec) => {
      if (!spec.linux.seccomp) return spec
      const { seccomp, ...linux } = spec.linux
      return { ...spec, linux, annotations: { ...spec.annotations, [ANNOTATION]: await filterOf(seccomp) } }
    },
  }
}

interface Compilation {
  readonly path: string
  readonly profile: SeccompSpec
  readonly crun: OciRuntime
}

async function loadOrCompile(compilation: Compilation): Promise<string> {
  try {
    return readFileSync(compilation.path).toString('base64')
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  const filter = await compile(compilation)
  writeFileAtomic(compilation.path, filter, { durable: false })
  return filter.toString('base64')
}

/** Lets crun create a container that never starts, in namespaces of its own and without a cgroup, and takes its filter. */
async function compile({ path, profile, crun }: Compilation): Promise<Buffer> {
  const folder = mkdtempSync(`${path}${WORK_MARK}`)
  try {
    for (const name of ['proc', 'dev']) mkdirSync(join(folder, 'rootfs', name), { recursive: true })
    // crun wants to find the command, but never runs it.
    writeFileSync(join(folder, 'rootfs/init'), '', { mode: 0o755 })
    writeFileSync(join(folder, 'config.json'), JSON.stringify(emptyContainer(profile)))
    const { code, output } = await callCrun(crun, { folder, args: ['create', '--bundle', folder, CONTAINER] })
    if (code !== 0) throw failure('invalid', `seccomp profile cannot be compiled: ${output.trim()}`)
    return readFileSync(join(folder, 'state', CONTAINER, 'seccomp.bpf'))
  } finally {
    await removeWorkFolder(folder, crun)
  }
}

const CONTAINER = 'filter'
const WORK_MARK = '.work-'

function isWorkFolder(name: string): boolean {
  return name.includes(WORK_MARK)
}

/** Also what a crash has left: the process that waits to be started is killed. */
async function removeWorkFolder(folder: string, crun: OciRuntime): Promise<void> {
  await callCrun(crun, { folder, args: ['delete', '--force', CONTAINER] })
  await rm(folder, { recursive: true, force: true })
}

function callCrun(
  crun: OciRuntime,
  { folder, args }: { readonly folder: string; readonly args: readonly string[] },
): Promise<CommandResult> {
  const own = [`--root=${join(folder, 'state')}`, '--cgroup-manager=disabled']
  return runCommand({ path: crun.path, args: [...own, ...args], cwd: folder, outputFile: join(folder, 'output') })
}

function emptyContainer(seccomp: SeccompSpec): RuntimeSpec {
  return {
    ociVersion: '1.0.2',
    root: { path: 'rootfs', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
    ],
    process: { user: { uid: 0, gid: 0 }, args: ['/init'], env: ['HOME=/'], cwd: '/', noNewPrivileges: true },
    linux: { namespaces: [{ type: 'mount' }, { type: 'pid' }], seccomp },
  }
}
