import { isIP } from 'node:net'
import { failure } from '../../base/index.ts'
import { ownLimits } from '../../kernel/index.ts'
import { resolveCapabilities, resolveLimits } from '../../runtime/index.ts'
import type { HostConfig } from '../contract.ts'
import { verifyLogOptions } from './log-options.ts'
import { cleanPath } from './mount-spec.ts'
import { parseSecurityOptions } from './security-options.ts'
import { tmpfsOptions } from './tmpfs-options.ts'

export interface HostRights {
  /** Names of the capabilities of this process. */
  readonly capabilities: ReadonlySet<string>
  readonly runtimes: ReadonlySet<string>
}

/**
 * Refuses what cannot be done on this host, before anything is made: `invalid`, with Docker's texts where it has one.
 * Answers what the person should know.
 */
export function verifyHost(host: HostConfig, { capabilities, runtimes }: HostRights): readonly string[] {
  const { restartPolicy, runtime, shmSize, storageOpt } = host
  if (host.autoRemove && restartPolicy.name !== 'no') {
    throw failure('invalid', "can't create 'AutoRemove' container with restart policy")
  }
  for (const entry of host.extraHosts) verifyExtraHost(entry)
  verifyDns(host)
  resolveCapabilities(host, capabilities)
  if (shmSize < 0) throw failure('invalid', 'SHM size can not be less than 0')
  verifyOomScore(host.oomScoreAdj, capabilities)
  if (runtime !== '' && !runtimes.has(runtime)) {
    throw failure('invalid', `unknown or invalid runtime name: ${runtime}`)
  }
  for (const [destination, options] of Object.entries(host.tmpfs)) verifyTmpfs(destination, options)
  resolveLimits(host.ulimits, { own: ownLimits(), mayRaise: capabilities.has('CAP_SYS_RESOURCE') })
  verifySysctls(host)
  parseSecurityOptions(host.securityOpt)
  verifyLogOptions(host.logConfig)
  if (Object.keys(storageOpt).length > 0) {
    throw failure('invalid', "--storage-opt is supported only for overlay over xfs with 'pquota' mount option")
  }
  const hasPorts = Object.keys(host.portBindings).length > 0
  return host.networkMode === 'host' && hasPorts ? ['Published ports are discarded when using host network mode'] : []
}

function verifyExtraHost(entry: string): void {
  const colon = entry.indexOf(':')
  const name = entry.slice(0, Math.max(colon, 0))
  if (name === '' || /[\s\p{Cc}#]/u.test(name)) {
    throw failure('invalid', `bad format for add-host: ${JSON.stringify(entry)}`)
  }
  const address = entry.slice(colon + 1)
  if (address !== 'host-gateway' && isIP(address.replace(/^\[(.*)\]$/, '$1')) === 0) {
    throw failure('invalid', `invalid IP address in add-host: ${JSON.stringify(address)}`)
  }
}

/** What goes into /etc/resolv.conf must not be able to make lines of its own. */
function verifyDns({ dns, dnsSearch, dnsOptions }: HostConfig): void {
  const wrong = dns.find((address) => isIP(address) === 0)
  if (wrong !== undefined) throw failure('invalid', `invalid IP address in dns: ${JSON.stringify(wrong)}`)
  const torn = [...dnsSearch, ...dnsOptions].find((word) => /[\s\p{Cc}]/u.test(word))
  if (torn !== undefined) throw failure('invalid', `invalid dns search domain or option: ${JSON.stringify(torn)}`)
}

function verifyOomScore(score: number, capabilities: ReadonlySet<string>): void {
  if (score < -1000 || score > 1000) {
    throw failure('invalid', `Invalid value ${score}, range for oom score adj is [-1000, 1000]`)
  }
  if (score < 0 && !capabilities.has('CAP_SYS_RESOURCE')) {
    throw failure('invalid', `oom_score_adj ${score}: the engine runs without CAP_SYS_RESOURCE`)
  }
}

function verifyTmpfs(destination: string, options: string): void {
  const reason = destination.startsWith('/')
    ? cleanPath(destination) === '/' && "invalid specification: destination can't be '/'"
    : `invalid mount path: '${destination}' mount path must be absolute`
  if (reason) throw failure('invalid', reason)
  tmpfsOptions(options)
}

/** Settings that each IPC or network namespace has for itself. */
const OF_IPC = /^(?:kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/

function verifySysctls({ sysctls, networkMode, ipcMode }: HostConfig): void {
  for (const given of Object.keys(sysctls)) {
    const name = given.replaceAll('/', '.')
    const quoted = JSON.stringify(given)
    if (name.startsWith('net.')) {
      if (networkMode === 'host') throw failure('invalid', `sysctl ${quoted} not allowed in host network namespace`)
    } else if (!OF_IPC.test(name) || ipcMode === 'host') {
      throw failure('invalid', `sysctl ${quoted} is not in a separate kernel namespace`)
    }
  }
}
