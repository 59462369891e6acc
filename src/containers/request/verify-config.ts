import { failure } from '../../base/index.ts'
import { parseSignal } from '../../kernel/index.ts'
import type { HealthConfig } from '../../oci/index.ts'
import type { ContainerConfig } from '../contract.ts'
import { cleanPath } from './mount-spec.ts'

const MAX_HOSTNAME = 64
const MILLISECOND = 1_000_000

/** What was asked for with a clean working directory. `invalid` with Docker's texts. */
export function verifyConfig(config: ContainerConfig): ContainerConfig {
  const { workingDir, stopSignal, env, healthcheck, hostname, domainname } = config
  if (workingDir !== '' && !workingDir.startsWith('/')) {
    throw failure('invalid', `the working directory '${workingDir}' is invalid, it needs to be an absolute path`)
  }
  if (stopSignal !== '' && parseSignal(stopSignal) === undefined) {
    throw failure('invalid', `invalid signal: ${stopSignal}`)
  }
  const nameless = env.find((entry) => entry === '' || entry.startsWith('='))
  if (nameless !== undefined) throw failure('invalid', `invalid environment variable: ${nameless}`)
  if (healthcheck) verifyHealthcheck(healthcheck)
  verifyHostname(hostname)
  verifyHostname(domainname)
  return workingDir === '' ? config : { ...config, workingDir: cleanPath(workingDir) }
}

function verifyHealthcheck({ Retries = 0, ...times }: HealthConfig): void {
  for (const name of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = times[name] ?? 0
    if (value !== 0 && value < MILLISECOND) {
      throw failure('invalid', `${name} in Healthcheck cannot be less than 1ms`)
    }
  }
  if (Retries < 0) throw failure('invalid', 'Retries in Healthcheck cannot be negative')
}

/** Names go into /etc/hosts: a blank or a line break in one would make other entries. */
function verifyHostname(name: string): void {
  if (/[\s\p{Cc}#]/u.test(name)) throw failure('invalid', `invalid hostname: ${JSON.stringify(name)}`)
  if (Buffer.byteLength(name) > MAX_HOSTNAME) {
    throw failure('invalid', `hostname ${JSON.stringify(name)} is too long (maximum ${MAX_HOSTNAME} bytes)`)
  }
}
