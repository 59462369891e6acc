import { CAPABILITIES, effectiveCapabilities } from '../../kernel/index.ts'
import type { RuntimeProcess, RuntimeSpec } from '../../oci/index.ts'
import type { WindowSize } from '../contract.ts'
import { DEFAULT_CAPABILITIES } from './capabilities.ts'
import { mergeEnvironment, withHome } from './environment.ts'
import { grantCapabilities } from './spec.ts'
import { lookupUser } from './user-lookup.ts'

export interface ExecProcessInput {
  /** The configuration of the running container. */
  readonly spec: RuntimeSpec
  readonly args: readonly string[]
  /** Added to the container's environment, winning over it. */
  readonly env: readonly string[]
  /** Empty: the container's. */
  readonly cwd: string
  /** Empty: the container's. */
  readonly user: string
  /** Only looked at when `user` is given. */
  readonly groupAdd: readonly string[]
  readonly terminal: boolean
  readonly size?: WindowSize
  readonly privileged: boolean
}

/** A further process in a running container, with Docker's rules. `invalid` with Docker's text for an unknown user. */
export function buildExecProcess(input: ExecProcessInput): RuntimeProcess {
  const { spec, size } = input
  const own = spec.process
  const found = input.user === '' ? undefined : lookupUser(spec.root.path, input.user, input.groupAdd)
  const user = found ? { uid: found.uid, gid: found.gid, additionalGids: found.additionalGids } : own.user
  const env = mergeEnvironment(own.env, [...(input.terminal ? ['TERM=xterm'] : []), ...input.env])
  const ownsHome = found !== undefined && hasGivenHome(input)
  return {
    ...own,
    terminal: input.terminal,
    consoleSize: input.terminal && size ? { height: size.rows, width: size.columns } : undefined,
    user,
    args: input.args,
    env: found ? withHome(ownsHome ? env : env.filter((entry) => !entry.startsWith('HOME=')), found.home) : env,
    cwd: input.cwd === '' ? own.cwd : input.cwd,
    capabilities: grantCapabilities(capabilitiesOf(input), user.uid),
  }
}

function capabilitiesOf({ spec, privileged }: ExecProcessInput): readonly string[] {
  if (!privileged) return spec.process.capabilities?.bounding ?? DEFAULT_CAPABILITIES
  const own = effectiveCapabilities()
  return CAPABILITIES.filter((name) => own.has(name))
}

/** HOME that somebody has set stays; the one completed from passwd stands last and belongs to the container's user. */
function hasGivenHome({ spec, env }: ExecProcessInput): boolean {
  if (env.some((entry) => entry.startsWith('HOME='))) return true
  const { env: own, user } = spec.process
  const home = own.find((entry) => entry.startsWith('HOME='))
  if (home === undefined || home !== own.at(-1)) return home !== undefined
  return home !== `HOME=${lookupUser(spec.root.path, String(user.uid), []).home}`
}
