import { type Address, parseAddress } from '../api/client/index.ts'
import { failure } from '../base/index.ts'

/** The newest API version that this client speaks. */
export const API_VERSION = '1.51'

const DEFAULT_HOST = 'unix:///run/slipway/slipway.sock'

/** Docker's client looks here when nothing else is said. */
const DOCKER_HOST = 'unix:///var/run/docker.sock'

/** Chooses the daemon: `-H`, then DOCKER_HOST, then the default of the name the program was started by. */
export function chooseAddress({
  hosts,
  env,
  program,
}: {
  readonly hosts: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly program: string
}): Address {
  if (hosts.length > 1) throw failure('invalid', 'specify only one -H')
  const fallback = program === 'docker' ? DOCKER_HOST : DEFAULT_HOST
  return parseAddress(normalise(hosts[0] || env.DOCKER_HOST || fallback))
}

/** The version that requests name: DOCKER_API_VERSION when set. */
export function chooseVersion(env: NodeJS.ProcessEnv): string {
  return env.DOCKER_API_VERSION?.replace(/^v/, '') || API_VERSION
}

/** `-H` takes a bare path or `host:port` too. */
function normalise(text: string): string {
  if (/^[a-z]+:\/\//.test(text)) return text
  return text.startsWith('/') ? `unix://${text}` : `tcp://${text}`
}
