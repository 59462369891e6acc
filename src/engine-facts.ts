import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, hasCode, type LogLevel, writeFileAtomic } from './base/index.ts'
import type { EngineFacts } from './engine-contract.ts'
import { type Cgroups, closeFd, createPipe, filesystemType, probeHost, spawnProcess, streamOf } from './kernel/index.ts'

export interface FactsOptions {
  readonly dataRoot: string
  readonly execRoot: string
  readonly runtimes: Readonly<Record<string, string>>
  readonly defaultRuntime: string
  readonly conmonPath: string
  readonly labels: readonly string[]
  readonly liveRestore: boolean
  readonly registries: { readonly insecure: readonly string[]; readonly mirrors: readonly string[] }
  readonly cgroups: Cgroups
  readonly clock: Clock
  readonly logLevel: () => LogLevel
  /** Warnings that rooms give, each answered anew. */
  readonly warnings: () => readonly string[]
}

/** Finds out what this engine and its host are. Runs the programs it needs once, for their versions. */
export async function gatherFacts(options: FactsOptions): Promise<EngineFacts> {
  const { dataRoot, execRoot, runtimes, defaultRuntime, conmonPath, cgroups, clock, logLevel } = options
  const host = probeHost(cgroups)
  const components = await Promise.all([
    programVersion(defaultRuntime, runtimes[defaultRuntime] ?? defaultRuntime),
    programVersion('conmon', conmonPath),
  ])
  const cfs = host.cpuCfs
  return {
    id: engineId(dataRoot),
    name: host.hostname,
    version: packageVersion(),
    gitCommit: '',
    buildTime: '',
    startedAt: clock.now(),
    dataRoot,
    execRoot,
    backingFilesystem: filesystemType(dataRoot),
    kernelVersion: host.kernelVersion,
    osName: host.osName,
    osVersion: host.osVersion,
    architecture: host.architecture,
    cpus: host.cpus,
    memoryBytes: host.memoryBytes,
    cgroupVersion: host.cgroupVersion,
    cgroupDriver: 'cgroupfs',
    runtimes,
    defaultRuntime,
    components,
    initBinary: 'docker-init',
    capabilities: {
      memoryLimit: host.memoryLimit,
      swapLimit: host.swapLimit,
      kernelMemoryTcp: false,
      oomKillDisable: host.oomKillDisable,
      cpuCfsPeriod: cfs,
      cpuCfsQuota: cfs,
      cpuShares: cfs,
      cpuSet: host.cpuset,
      pidsLimit: host.pidsLimit,
      ipv4Forwarding: true,
    },
    securityOptions: [
      ...(host.apparmor ? ['name=apparmor'] : []),
      ...(host.seccomp ? ['name=seccomp,profile=builtin'] : []),
      ...(host.cgroupVersion === '2' ? ['name=cgroupns'] : []),
    ],
    defaultAddressPools: [],
    loggingDriver: 'json-file',
    logDrivers: ['json-file', 'local', 'none'],
    labels: options.labels,
    liveRestore: options.liveRestore,
    experimental: false,
    registryMirrors: options.registries.mirrors,
    insecureRegistries: options.registries.insecure,
    proxies: proxiesOf(process.env),
    debug: () => logLevel() === 'debug',
    warnings: () => [...missingLimits(host), ...options.warnings()],
  }
}

/** Read once and kept in the data root, so that the engine is the same one after a restart. */
function engineId(dataRoot: string): string {
  const path = join(dataRoot, 'engine-id')
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    const id = randomUUID()
    writeFileAtomic(path, `${id}\n`)
    return id
  }
}

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

async function programVersion(name: string, path: string): Promise<{ name: string; version: string }> {
  if (!existsSync(path)) return { name, version: 'not installed' }
  const [readFd, writeFd] = createPipe()
  const child = spawnProcess({ path, args: ['--version'], env: [], fds: { 1: writeFd } })
  closeFd(writeFd)
  const text = Buffer.concat(await Array.fromAsync(streamOf(readFd, 'read'))).toString()
  await child.exited
  return { name, version: /\bversion:? (\S+)/.exec(text)?.[1] ?? 'unknown' }
}

function missingLimits(host: ReturnType<typeof probeHost>): string[] {
  const limits: readonly [boolean, string][] = [
    [host.memoryLimit, 'No memory limit support'],
    [host.swapLimit, 'No swap limit support'],
    [host.cpuCfs, 'No cpu cfs quota support'],
    [host.cpuset, 'No cpuset support'],
    [host.pidsLimit, 'No pids limit support'],
  ]
  return limits.filter(([there]) => !there).map(([, text]) => `WARNING: ${text}`)
}

function proxiesOf(env: NodeJS.ProcessEnv): EngineFacts['proxies'] {
  const pick = (name: string): string => withoutCredentials(env[name] ?? env[name.toLowerCase()] ?? '')
  return { http: pick('HTTP_PROXY'), https: pick('HTTPS_PROXY'), no: env.NO_PROXY ?? env.no_proxy ?? '' }
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//xxxxx:xxxxx@')
}
